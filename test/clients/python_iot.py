"""A device (paho) and a service (azure-iot-hub) of one IoT Hub. Arguments: host name and connection string of the hub."""

import base64
import hashlib
import hmac
import json
import os
import queue
import sys
import threading
import time
import urllib.parse

import paho.mqtt.client as mqtt
import socks
from azure.iot.hub import IoTHubRegistryManager
from azure.iot.hub.models import CloudToDeviceMethod, Twin, TwinProperties
from msrest.exceptions import HttpOperationError

host, connection = sys.argv[1:]
registry = IoTHubRegistryManager.from_connection_string(connection)

created = registry.create_device_with_sas("from-python", "", "", "enabled")
print("created", created.device_id, created.status)
key = created.authentication.symmetric_key.primary_key
changed = registry.update_device_with_sas("from-python", created.etag, key, key, "enabled", status_reason="why")
print("changed", registry.get_device("from-python").status_reason)
try:
    registry.update_device_with_sas("from-python", "c3RhbGU=", key, key, "enabled")
except HttpOperationError as error:
    print("stale", error.response.status_code)
print("devices", [each.device_id for each in registry.get_devices()])

resource = urllib.parse.quote_plus(host + "/devices/from-python")
expiry = int(time.time()) + 3600
digest = hmac.new(base64.b64decode(key), f"{resource}\n{expiry}".encode(), hashlib.sha256).digest()
signature = urllib.parse.quote_plus(base64.b64encode(digest))
password = f"SharedAccessSignature sr={resource}&sig={signature}&se={expiry}"

received = queue.Queue()
connected = threading.Event()


def on_message(client, _, message):
    if message.topic.startswith("$iothub/methods/"):
        request = message.topic.split("$rid=")[1]
        client.publish(f"$iothub/methods/res/200/?$rid={request}", message.payload)
    else:
        received.put((message.topic.split("?")[0], message.payload.decode()))


def on_subscribe(*_):
    connected.set()


device = mqtt.Client(
    mqtt.CallbackAPIVersion.VERSION2, client_id="from-python", transport="websockets", protocol=mqtt.MQTTv311
)
device.username_pw_set(f"{host}/from-python/?api-version=2021-04-12", password)
device.ws_set_options(path="/$iothub/websocket")
device.tls_set(ca_certs=os.environ["SSL_CERT_FILE"])
proxy = urllib.parse.urlparse(os.environ["HTTPS_PROXY"])
device.proxy_set(proxy_type=socks.HTTP, proxy_addr=proxy.hostname, proxy_port=proxy.port)
device.on_message = on_message
device.on_connect = lambda client, *_: client.subscribe(
    [("$iothub/twin/res/#", 0), ("$iothub/twin/PATCH/properties/desired/#", 0), ("$iothub/methods/POST/#", 0)]
)
device.on_subscribe = on_subscribe
device.connect(host, 443)
device.loop_start()
print("connected", connected.wait(30))
device.publish("devices/from-python/messages/events/", "telemetry", qos=1).wait_for_publish(30)
device.publish("$iothub/twin/PATCH/properties/reported/?$rid=1", json.dumps({"firmware": "1.2"}))
print("reported", received.get(timeout=30)[0])
twin = registry.get_twin("from-python")
print("twin", twin.properties.reported["firmware"], twin.connection_state)
registry.update_twin("from-python", Twin(properties=TwinProperties(desired={"interval": 5})), twin.etag)
print("desired", json.loads(received.get(timeout=30)[1])["interval"])
method = CloudToDeviceMethod(method_name="restart", payload={"in": 5}, response_timeout_in_seconds=30)
answer = registry.invoke_device_method("from-python", method)
print("method", answer.status, answer.payload)
device.disconnect()
device.loop_stop()

registry.delete_device("from-python")
try:
    registry.get_device("from-python")
except HttpOperationError as error:
    print("deleted", error.response.status_code)
