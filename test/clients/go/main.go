// Signs in with azidentity, and creates, changes, lists and deletes a group, a storage account, a container and a blob.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/storage/armstorage"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

const (
	group   = "go-group"
	account = "gofiles"
)

func check(err error) {
	if err != nil {
		fmt.Println("FAILED", err)
		os.Exit(1)
	}
}

func main() {
	ctx := context.Background()
	subscription := os.Getenv("AZURE_SUBSCRIPTION_ID")
	credential, err := azidentity.NewDefaultAzureCredential(nil)
	check(err)

	groups, err := armresources.NewResourceGroupsClient(subscription, credential, nil)
	check(err)
	_, err = groups.CreateOrUpdate(ctx, group, armresources.ResourceGroup{Location: to.Ptr("westeurope")}, nil)
	check(err)
	exists, err := groups.CheckExistence(ctx, group, nil)
	check(err)
	missing, err := groups.CheckExistence(ctx, "nothing", nil)
	check(err)
	fmt.Println("group", exists.Success, missing.Success)

	accounts, err := armstorage.NewAccountsClient(subscription, credential, nil)
	check(err)
	creation, err := accounts.BeginCreate(ctx, group, account, armstorage.AccountCreateParameters{
		Kind:     to.Ptr(armstorage.KindStorageV2),
		Location: to.Ptr("westeurope"),
		SKU:      &armstorage.SKU{Name: to.Ptr(armstorage.SKUNameStandardLRS)},
	}, nil)
	check(err)
	created, err := creation.PollUntilDone(ctx, nil)
	check(err)
	fmt.Println("created", *created.Name, *created.Properties.ProvisioningState)
	changed, err := accounts.Update(ctx, group, account, armstorage.AccountUpdateParameters{
		Properties: &armstorage.AccountPropertiesUpdateParameters{MinimumTLSVersion: to.Ptr(armstorage.MinimumTLSVersionTLS12)},
	}, nil)
	check(err)
	fmt.Println("changed", *changed.Properties.MinimumTLSVersion)

	keys, err := accounts.ListKeys(ctx, group, account, nil)
	check(err)
	shared, err := azblob.NewSharedKeyCredential(account, *keys.Keys[0].Value)
	check(err)
	blobs, err := azblob.NewClientWithSharedKeyCredential("https://"+account+".blob.core.windows.net", shared, nil)
	check(err)
	_, err = blobs.CreateContainer(ctx, "from-go", nil)
	check(err)
	_, err = blobs.UploadStream(ctx, "from-go", "menu.txt", strings.NewReader("hello"), nil)
	check(err)
	containers, err := armstorage.NewBlobContainersClient(subscription, credential, nil)
	check(err)
	page, err := containers.NewListPager(group, account, nil).NextPage(ctx)
	check(err)
	for _, each := range page.Value {
		fmt.Println("container", *each.Name)
	}
	_, err = containers.Delete(ctx, group, account, "from-go", nil)
	check(err)
	_, err = blobs.DownloadStream(ctx, "from-go", "menu.txt", nil)
	fmt.Println("gone", err != nil)

	_, err = accounts.Delete(ctx, group, account, nil)
	check(err)
	deletion, err := groups.BeginDelete(ctx, group, nil)
	check(err)
	_, err = deletion.PollUntilDone(ctx, nil)
	check(err)
	fmt.Println("deleted")
}
