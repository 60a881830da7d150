"""A device on the official Python SDK. It prints its events as JSON lines. It ends when stdin is closed."""

import json
import os
import sys
import threading

from azure.iot.device import IoTHubDeviceClient, MethodResponse, ProxyOptions


lock = threading.Lock()


def emit(event, **more):
    with lock:
        print(json.dumps({"event": event, **more}), flush=True)


def main():
    client = IoTHubDeviceClient.create_from_symmetric_key(
        symmetric_key=os.environ["DEVICE_KEY"],
        hostname=os.environ["HUB_HOST"],
        device_id=os.environ["DEVICE_ID"],
        websockets=True,
        proxy_options=ProxyOptions("HTTP", "127.0.0.1", int(os.environ["PROXY_PORT"])),
        server_verification_cert=open(os.environ["CA_FILE"]).read(),
        connection_retry_interval=1,
        sastoken_ttl=600,
    )

    def changed():
        emit("connected" if client.connected else "disconnected")

    def message(received):
        properties = dict(received.custom_properties)
        emit("message", id=received.message_id, body=received.data.decode(), properties=properties)

    def desired(patch):
        emit("desired", patch=patch)

    def method(request):
        emit("method", name=request.name, payload=request.payload)
        response = MethodResponse.create_from_method_request(request, 202, {"got": request.payload})
        client.send_method_response(response)

    client.on_connection_state_change = changed
    client.on_message_received = message
    client.on_twin_desired_properties_patch_received = desired
    client.on_method_request_received = method
    client.connect()
    client.send_message("hello from Python")
    emit("twin", twin=client.get_twin())
    client.patch_twin_reported_properties({"firmware": "py-1"})
    emit("ready")

    for line in sys.stdin:
        if line.strip() == "send":
            client.send_message("again")
            emit("sent")
    os._exit(0)


main()
