"""Creates, changes, lists and deletes resources of a sandbox with the official management libraries for Python."""

import os

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.apimanagement import ApiManagementClient
from azure.mgmt.iothub import IotHubClient
from azure.mgmt.resource import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient
from msal import ConfidentialClientApplication


class Credential:
    """Signs in with MSAL: the Azure CLI's environment has no azure-identity."""

    def __init__(self):
        self.app = ConfidentialClientApplication(
            os.environ["AZURE_CLIENT_ID"],
            client_credential=os.environ["AZURE_CLIENT_SECRET"],
            authority="https://login.microsoftonline.com/" + os.environ["AZURE_TENANT_ID"],
        )

    def get_token(self, *scopes, **_):
        from azure.core.credentials import AccessToken

        answer = self.app.acquire_token_for_client(list(scopes))
        return AccessToken(answer["access_token"], 2**40)


credential = Credential()
subscription = os.environ["AZURE_SUBSCRIPTION_ID"]
groups = ResourceManagementClient(credential, subscription).resource_groups
groups.create_or_update("python", {"location": "westeurope"})
print("group", groups.check_existence("python"), groups.check_existence("nothing"))

accounts = StorageManagementClient(credential, subscription)
account = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
created = accounts.storage_accounts.begin_create("python", "pythonfiles", account).result()
print("account", created.name, created.provisioning_state.value)
accounts.blob_containers.create("python", "pythonfiles", "from-python", {})
print("containers", [each.name for each in accounts.blob_containers.list("python", "pythonfiles")])
try:
    list(accounts.blob_containers.list("python", "nothing"))
except ResourceNotFoundError as error:
    print("missing", error.error.code)

hubs = IotHubClient(credential, subscription).iot_hub_resource
hub = {"location": "westeurope", "sku": {"name": "S1", "capacity": 1}}
first = hubs.begin_create_or_update("python", "python-hub", hub).result()
again = hubs.begin_create_or_update("python", "python-hub", first, if_match=first.etag).result()
print("hub", again.name, again.properties.state)
try:
    hubs.begin_create_or_update("python", "python-hub", first, if_match="stale").result()
except HttpResponseError as error:
    print("stale", error.status_code)
print("tags", hubs.begin_update("python", "python-hub", {"tags": {"a": "b"}}).result().tags)

apim = ApiManagementClient(credential, subscription)
service = {
    "location": "westeurope",
    "sku": {"name": "Developer", "capacity": 1},
    "publisher_email": "a@example.com",
    "publisher_name": "A",
}
made = apim.api_management_service.begin_create_or_update("python", "python-apim", service).result()
print("service", made.name, made.provisioning_state)

groups.begin_delete("python").result()
print("deleted", groups.check_existence("python"))
