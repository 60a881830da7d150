import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.google.gson.JsonParser;
import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.IotHubMessageResult;
import com.microsoft.azure.sdk.iot.device.ProxySettings;
import com.microsoft.azure.sdk.iot.device.twin.DirectMethodResponse;
import com.microsoft.azure.sdk.iot.device.twin.TwinCollection;
import com.microsoft.azure.sdk.iot.service.ProxyOptions;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubException;
import com.microsoft.azure.sdk.iot.service.messaging.IotHubServiceClientProtocol;
import com.microsoft.azure.sdk.iot.service.messaging.Message;
import com.microsoft.azure.sdk.iot.service.messaging.MessagingClient;
import com.microsoft.azure.sdk.iot.service.messaging.MessagingClientOptions;
import com.microsoft.azure.sdk.iot.service.methods.DirectMethodRequestOptions;
import com.microsoft.azure.sdk.iot.service.methods.DirectMethodsClient;
import com.microsoft.azure.sdk.iot.service.methods.DirectMethodsClientOptions;
import com.microsoft.azure.sdk.iot.service.registry.Device;
import com.microsoft.azure.sdk.iot.service.registry.DeviceStatus;
import com.microsoft.azure.sdk.iot.service.registry.RegistryClient;
import com.microsoft.azure.sdk.iot.service.registry.RegistryClientOptions;
import com.microsoft.azure.sdk.iot.service.twin.Twin;
import com.microsoft.azure.sdk.iot.service.twin.TwinClient;
import com.microsoft.azure.sdk.iot.service.twin.TwinClientOptions;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A device and a service of one IoT Hub. Arguments: the hub's name, and the connection string of its policy iothubowner.
 */
public class Clients {
    private static final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private static Proxy proxy;

    public static void main(String[] args) throws Exception {
        String host = args[0] + ".azure-devices.net";
        URI address = URI.create(System.getenv("HTTPS_PROXY"));
        proxy = new Proxy(Proxy.Type.HTTP, new InetSocketAddress(address.getHost(), address.getPort()));
        TokenCredential credential = new DefaultAzureCredentialBuilder().build();
        TokenRequestContext scope = new TokenRequestContext().addScopes("https://iothubs.azure.net/.default");
        System.out.println("token " + !credential.getTokenSync(scope).getToken().isEmpty());
        RegistryClientOptions options =
            RegistryClientOptions.builder().proxyOptions(new ProxyOptions(proxy)).build();
        RegistryClient asPerson = new RegistryClient(host, credential, options);
        RegistryClient registry = new RegistryClient(args[1], options);

        Device device = asPerson.addDevice(new Device("from-java"));
        System.out.println("created " + device.getDeviceId() + " " + device.getStatus());
        device.setStatus(DeviceStatus.Disabled);
        device = registry.updateDevice(device);
        device.setStatus(DeviceStatus.Enabled);
        device = registry.updateDevice(device);
        System.out.println("changed " + registry.getDevice("from-java").getStatus());

        String login = "HostName=" + host + ";DeviceId=from-java;SharedAccessKey=" + device.getPrimaryKey();
        ClientOptions deviceOptions = ClientOptions.builder().proxySettings(new ProxySettings(proxy)).build();
        DeviceClient client = new DeviceClient(login, IotHubClientProtocol.MQTT_WS, deviceOptions);
        client.setMessageCallback((message, context) -> {
            received.add("message " + new String(message.getBytes(), StandardCharsets.UTF_8));
            return IotHubMessageResult.COMPLETE;
        }, null);
        client.open(true);
        client.sendEvent(new com.microsoft.azure.sdk.iot.device.Message("telemetry"));
        System.out.println("sent");
        useTwin(client, host, credential);
        useMethod(client, args[1]);
        useMessages(args[1]);
        client.close();

        registry.removeDevice("from-java");
        try {
            registry.getDevice("from-java");
        } catch (IotHubException error) {
            System.out.println("deleted " + error.getErrorCode() + " " + error.getErrorCodeDescription());
        }
        System.exit(0);
    }

    private static String next() throws InterruptedException {
        return received.poll(30, TimeUnit.SECONDS);
    }

    private static void useTwin(DeviceClient client, String host, TokenCredential credential) throws Exception {
        client.subscribeToDesiredProperties((twin, context) ->
            received.add("desired " + twin.getDesiredProperties().get("interval")), null);
        TwinCollection reported = client.getTwin().getReportedProperties();
        reported.put("firmware", "1.2");
        client.updateReportedProperties(reported);
        TwinClient twins = new TwinClient(
            host, credential, TwinClientOptions.builder().proxyOptions(new ProxyOptions(proxy)).build());
        Twin twin = twins.get("from-java");
        System.out.println("reported " + twin.getReportedProperties().get("firmware") + " " + twin.getConnectionState());
        twin.getTags().put("site", "oslo");
        twin.getDesiredProperties().put("interval", 5);
        twin = twins.patch(twin);
        System.out.println(next() + " " + twin.getTags().get("site"));
        twin.getDesiredProperties().put("interval", 6);
        // A whole twin has members that only the hub may change.
        System.out.println(twins.replace(twin).getDesiredProperties().get("interval") + " " + next());
        System.out.println(
            "query " + twins.query("SELECT * FROM devices WHERE tags.site = 'oslo'").next().getDeviceId());
    }

    private static void useMethod(DeviceClient client, String connection) throws Exception {
        client.subscribeToMethods((name, data, context) ->
            new DirectMethodResponse(200, name + " " + data.getPayloadAsJsonString()), null);
        DirectMethodsClient methods = new DirectMethodsClient(
            connection, DirectMethodsClientOptions.builder().proxyOptions(new ProxyOptions(proxy)).build());
        var answer = methods.invoke(
            "from-java", "restart", DirectMethodRequestOptions.builder().payload(JsonParser.parseString("7")).build());
        System.out.println("method " + answer.getStatus() + " " + answer.getPayloadAsJsonString());
    }

    private static void useMessages(String connection) throws Exception {
        MessagingClient messages = new MessagingClient(
            connection,
            IotHubServiceClientProtocol.AMQPS_WS,
            MessagingClientOptions.builder().proxyOptions(new ProxyOptions(proxy)).build());
        messages.open();
        messages.send("from-java", new Message("hello"));
        messages.close();
        System.out.println(next());
    }
}
