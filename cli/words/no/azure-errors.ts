/** Norwegian words of azure errors, by their English text. */
export const azureErrors = {
  "{0} ({1}, issued by {2})": "{0} ({1}, utstedt av {2})",
  "the answer did not come from the service: {0} answered through the proxy {1} with {2}":
    "svaret kom ikke fra tjenesten: {0} svarte gjennom proxyen {1} med {2}",
  "The service asks to wait {0} seconds.": "Tjenesten ber om å vente i {0} sekunder.",
  "{0} (HTTP {1}): {2}": "{0} (HTTP {1}): {2}",
  "Look the code up in the documentation of the service. A missing role has another code.":
    "Slå opp koden i dokumentasjonen til tjenesten. En manglende rolle har en annen kode.",
  "The service is busy or down. Run this again: it continues where it stopped.":
    "Tjenesten er opptatt eller nede. Kjør dette på nytt: det fortsetter der det stoppet.",
  "A role is missing. Ask an administrator to add you to the operators' group of the stack.":
    "En rolle mangler. Be en administrator legge deg til i operatørgruppen for stakken.",
  'Missing: the role "{0}" on {1}.': "Mangler: rollen «{0}» på {1}.",
  "Missing: a role that allows {0} on {1}.": "Mangler: en rolle som tillater {0} på {1}.",
  'Members of the group "{0}" have it. An administrator runs{1}:':
    "Medlemmene av gruppen «{0}» har den. En administrator kjører{1}:",
  "or, for this permission only:": "eller, bare for denne tillatelsen:",
  "It takes about half a minute to take effect. After joining a group, sign in again.":
    "Det tar omtrent et halvt minutt før det gjelder. Logg på igjen etter at du er lagt til i en gruppe.",
  "the proxy {0} answered CONNECT for {1} with {2}": "proxyen {0} besvarte CONNECT til {1} med {2}",
  "the proxy {0} cannot be reached: {1}": "proxyen {0} kan ikke nås: {1}",
  "the proxy {0} ended the connection without an answer to CONNECT for {1}":
    "proxyen {0} avsluttet forbindelsen uten å besvare CONNECT til {1}",
  "the proxy {0} did not answer CONNECT for {1} in {2} seconds":
    "proxyen {0} besvarte ikke CONNECT til {1} på {2} sekunder",
  "A proxy or another device on the way inspects or blocks the connection. Ask its administrator to pass connections to this host through unchanged, and run this again.":
    "En proxy eller en annen enhet på veien inspiserer eller sperrer forbindelsen. Be administratoren om å slippe forbindelser til denne verten uendret gjennom, og kjør dette på nytt.",
  "the certificate is not accepted: {0}": "sertifikatet godtas ikke: {0}",
  "no answer": "ikke noe svar",
  "Check the network, HTTPS_PROXY and NODE_EXTRA_CA_CERTS, and run this again.":
    "Kontroller nettverket, HTTPS_PROXY og NODE_EXTRA_CA_CERTS, og kjør dette på nytt.",
  "The name cannot be resolved. Check the network and its DNS server. Where only a proxy resolves names, set HTTPS_PROXY.":
    "Navnet kan ikke slås opp. Kontroller nettverket og DNS-tjeneren. Hvis bare en proxy slår opp navn, sett HTTPS_PROXY.",
  "This is no answer of Azure. Check HTTPS_PROXY and NO_PROXY, or ask the proxy's administrator to allow CONNECT to this host and port.":
    "Dette er ikke et svar fra Azure. Kontroller HTTPS_PROXY og NO_PROXY, eller be proxyens administrator om å tillate CONNECT til denne verten og porten.",
  "The proxy asks for a sign-in. Put the user and the password in HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT, with special characters percent-encoded.":
    "Proxyen krever pålogging. Ta med bruker og passord i HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT, med spesialtegn prosentkodet.",
  "Check this computer's clock, and whether a proxy inspects TLS. Then run this again.":
    "Kontroller klokken på denne maskinen, og om en proxy inspiserer TLS. Kjør så dette på nytt.",
  "A proxy that inspects TLS signs with its own root certificate. Ask its administrator for that certificate (PEM), and set NODE_EXTRA_CA_CERTS to the file. Never switch the verification off.":
    "En proxy som inspiserer TLS, signerer med sitt eget rotsertifikat. Be administratoren om det sertifikatet (PEM), og sett NODE_EXTRA_CA_CERTS til filen. Slå aldri av kontrollen.",
  "{0} is not a proxy URL": "{0} er ikke en proxy-URL",
  "Include the scheme and the port, for example http://proxy.example.com:8080. {0}":
    "Ta med skjema og port, for eksempel http://proxy.example.com:8080. {0}",
  "the user and password in {0} cannot be read": "bruker og passord i {0} kan ikke leses",
  "Percent-encode special characters of the user and password: @ is %40, : is %3A, / is %2F, # is %23, % is %25.":
    "Prosentkod spesialtegn i bruker og passord: @ er %40, : er %3A, / er %2F, # er %23, % er %25.",
  "the answer did not come from the service: {0} answered with {1}":
    "svaret kom ikke fra tjenesten: {0} svarte med {1}",
  "Run this again later: it continues where it stopped.":
    "Kjør dette på nytt senere: det fortsetter der det stoppet.",
  "The IoT Hub's messages of this day are used up. Wait until 00:00 UTC, or raise `hubUnits` of the stack and run `npm run pulumi -- up`. Then run this again: it continues.":
    "Meldingene til IoT Hub for i dag er brukt opp. Vent til kl. 00:00 UTC, eller øk `hubUnits` for stakken og kjør `npm run pulumi -- up`. Kjør så dette på nytt: det fortsetter.",
  "The IoT Hub runs one import or export job at a time. Wait for the other job to end, and run this again.":
    "IoT Hub kjører én import- eller eksportjobb om gangen. Vent til den andre jobben er ferdig, og kjør dette på nytt.",
  "The terminal has too many messages that it did not receive. Check that it is connected, and run this again.":
    "Terminalen har for mange meldinger som den ikke har mottatt. Kontroller at den er tilkoblet, og kjør dette på nytt.",
  "The IoT Hub's tier does not have this operation. Deploy a standard tier (S1, S2 or S3).":
    "Nivået til IoT Hub har ikke denne operasjonen. Rull ut et standardnivå (S1, S2 eller S3).",
  "The IoT Hub's network rules do not allow the address of this computer. Use an allowed network, or ask an administrator to allow the address.":
    "Nettverksreglene til IoT Hub tillater ikke adressen til denne maskinen. Bruk et tillatt nettverk, eller be en administrator om å tillate adressen.",
  "Other programs use the throttle of the IoT Hub. {0}":
    "Andre programmer bruker kallgrensen til IoT Hub. {0}",
  "The network rules of the storage account do not allow this computer: no role changes that. Use an allowed network or VPN, or ask an administrator to check the account's networking (public network access, firewall).":
    "Nettverksreglene til lagringskontoen tillater ikke denne maskinen: ingen rolle endrer det. Bruk et tillatt nettverk eller VPN, eller be en administrator om å kontrollere kontoens nettverk (offentlig nettverkstilgang, brannmur).",
  "The storage account forbids account keys (allowSharedKeyAccess), which file links need. Check what changed it: an Azure Policy or a person. Then run `npm run pulumi -- up`.":
    "Lagringskontoen forbyr kontonøkler (allowSharedKeyAccess), som fillenker trenger. Finn ut hva som endret det: en Azure Policy eller en person. Kjør så `npm run pulumi -- up`.",
  "Storage rejects the signature. Check this computer's clock: it may differ by 15 minutes at most. If an account key was renewed just now, run this again in a minute.":
    "Lagringen avviser signaturen. Kontroller klokken på denne maskinen: den kan avvike med høyst 15 minutter. Hvis en kontonøkkel nettopp ble fornyet, kjør dette på nytt om et minutt.",
  "Storage rejects the token. Check that you are signed in to the tenant of the stack (`az account show`), and sign in again.":
    "Lagringen avviser tokenet. Kontroller at du er logget på leietakeren til stakken (`az account show`), og logg på igjen.",
  "The storage account is disabled, mostly because its Azure subscription is. Ask the owner of the subscription to enable it.":
    "Lagringskontoen er deaktivert, oftest fordi Azure-abonnementet er det. Be eieren av abonnementet om å aktivere den.",
  "Reading or writing is disabled for the whole storage account, for example during a failover or for a disabled subscription. Ask the owner of the subscription.":
    "Lesing eller skriving er slått av for hele lagringskontoen, for eksempel under et reservebytte eller for et deaktivert abonnement. Spør eieren av abonnementet.",
  "The storage account does not accept this kind of request. Report the code to the maintainers.":
    "Lagringskontoen godtar ikke denne typen forespørsel. Meld koden til dem som vedlikeholder programmet.",
  "The storage account is busy. {0}": "Lagringskontoen er opptatt. {0}",
  "An Azure Policy of your organisation, or Azure itself, forbids it: no role changes that. `az policy state list` names policies; ask their owner for an exemption.":
    "En Azure Policy i organisasjonen din, eller Azure selv, forbyr det: ingen rolle endrer det. `az policy state list` viser policyene; be eieren om et unntak.",
  "A deny assignment forbids it: no role changes that. Ask the owner of the subscription to check the deny assignments.":
    "En nektetildeling forbyr det: ingen rolle endrer det. Be eieren av abonnementet om å kontrollere nektetildelingene.",
  "The Azure subscription is disabled or read-only. Ask its owner to enable it, for example by paying an open bill.":
    "Azure-abonnementet er deaktivert eller skrivebeskyttet. Be eieren om å aktivere det, for eksempel ved å betale en åpen regning.",
  "A lock protects the resource. `az lock list` names it; ask the administrator who set it to remove it, and run this again.":
    "En lås beskytter ressursen. `az lock list` viser den; be administratoren som satte den, om å fjerne den, og kjør dette på nytt.",
  "Sign in again, to the tenant of the stack: `az login --tenant TENANT`. Check this computer's clock too.":
    "Logg på igjen, på leietakeren til stakken: `az login --tenant TENANT`. Kontroller også klokken på denne maskinen.",
  "Too many requests of all programs that use this Azure subscription. Wait for the time below, or some minutes. {0}":
    "For mange forespørsler fra alle programmer som bruker dette Azure-abonnementet. Vent så lenge som står under, eller noen minutter. {0}",
  "Another operation changes the resource at the moment. {0}":
    "En annen operasjon endrer ressursen akkurat nå. {0}",
  "signing in to Azure": "pålogging på Azure",
  "the Azure CLI does not accept the certificate: {0}": "Azure CLI godtar ikke sertifikatet: {0}",
  "the Azure CLI does not accept the certificate": "Azure CLI godtar ikke sertifikatet",
  "A proxy that inspects TLS signs with its own root certificate. Ask its administrator for that certificate (PEM). Set REQUESTS_CA_BUNDLE to it for `az`, and NODE_EXTRA_CA_CERTS for this program.":
    "En proxy som inspiserer TLS, signerer med sitt eget rotsertifikat. Be administratoren om det sertifikatet (PEM). Sett REQUESTS_CA_BUNDLE til det for `az`, og NODE_EXTRA_CA_CERTS for dette programmet.",
  "the proxy answered the Azure CLI's CONNECT with {0}": "proxyen besvarte CONNECT fra Azure CLI med {0}",
  "Check HTTPS_PROXY. For 407, put the user and the password in it: http://USER:PASSWORD@HOST:PORT, percent-encoded. Otherwise ask the proxy's administrator to allow login.microsoftonline.com:443.":
    "Kontroller HTTPS_PROXY. For 407, ta med bruker og passord: http://USER:PASSWORD@HOST:PORT, prosentkodet. Ellers be proxyens administrator om å tillate login.microsoftonline.com:443.",
  "the Azure CLI cannot read the proxy's URL": "Azure CLI kan ikke lese URL-en til proxyen",
  "Write HTTPS_PROXY as http://HOST:PORT, with special characters of a user and password percent-encoded.":
    "Skriv HTTPS_PROXY som http://HOST:PORT, med spesialtegn i bruker og passord prosentkodet.",
  "the Azure CLI cannot reach the proxy": "Azure CLI når ikke proxyen",
  "the Azure CLI cannot resolve a host name": "Azure CLI kan ikke slå opp et vertsnavn",
  "Check the network and its DNS server. Where only a proxy resolves names, set HTTPS_PROXY.":
    "Kontroller nettverket og DNS-tjeneren. Hvis bare en proxy slår opp navn, sett HTTPS_PROXY.",
  "the Azure CLI got no answer in time": "Azure CLI fikk ikke svar i tide",
  "the Azure CLI cannot connect": "Azure CLI kan ikke koble til",
  "the Azure CLI ended, or did not answer in 60 seconds, without a message":
    "Azure CLI avsluttet, eller svarte ikke på 60 sekunder, uten noen melding",
  "Run `az account get-access-token` to see why, and run this again.":
    "Kjør `az account get-access-token` for å se hvorfor, og kjør dette på nytt.",
  "AZURE_CLIENT_SECRET is wrong. It is the secret's value, not its ID.":
    "AZURE_CLIENT_SECRET er feil. Det er hemmelighetens verdi, ikke ID-en.",
  "The client secret has expired. Create a new one, and set AZURE_CLIENT_SECRET.":
    "Klienthemmeligheten er utløpt. Lag en ny, og sett AZURE_CLIENT_SECRET.",
  "The tenant does not have this application. Check AZURE_CLIENT_ID and AZURE_TENANT_ID.":
    "Leietakeren har ikke dette programmet. Kontroller AZURE_CLIENT_ID og AZURE_TENANT_ID.",
  "There is no such tenant. Check AZURE_TENANT_ID: `az account show --query tenantId` prints it.":
    "Det finnes ingen slik leietaker. Kontroller AZURE_TENANT_ID: `az account show --query tenantId` skriver den ut.",
  "No federated credential of the application matches the token of this pipeline. Check its issuer, subject and audience.":
    "Ingen føderert legitimasjon for programmet passer med tokenet til denne pipelinen. Kontroller utsteder, subjekt og målgruppe.",
  "Entra ID asks for another factor. Sign in again with `az login`.":
    "Entra ID ber om enda en faktor. Logg på igjen med `az login`.",
  "A Conditional Access policy blocks this sign-in. Ask the administrator of the tenant.":
    "En Conditional Access-policy sperrer denne påloggingen. Spør leietakerens administrator.",
  "The sign-in has expired. Sign in again with `az login`.":
    "Påloggingen er utløpt. Logg på igjen med `az login`.",
  "The tenant does not know the service, or has not consented. Check that AZURE_TENANT_ID is the tenant of the stack.":
    "Leietakeren kjenner ikke tjenesten, eller har ikke gitt samtykke. Kontroller at AZURE_TENANT_ID er leietakeren til stakken.",
  "The account is locked or disabled. Ask the administrator of the tenant.":
    "Kontoen er låst eller deaktivert. Spør leietakerens administrator.",
  "Entra ID is busy. Run this again in some minutes.":
    "Entra ID er opptatt. Kjør dette på nytt om noen minutter.",
  "Sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET. Behind a proxy, set HTTPS_PROXY too.":
    "Logg på med `az login`, eller sett AZURE_TENANT_ID, AZURE_CLIENT_ID og AZURE_CLIENT_SECRET. Bak en proxy, sett også HTTPS_PROXY.",
  "not signed in to Azure: {0}": "ikke logget på Azure: {0}",
  "not signed in to Azure": "ikke logget på Azure",
  "signing in to Azure: the answer holds no readable token":
    "pålogging på Azure: svaret har ikke noe lesbart token",
  "Check whether a proxy inspects the connection to login.microsoftonline.com, and run this again.":
    "Kontroller om en proxy inspiserer forbindelsen til login.microsoftonline.com, og kjør dette på nytt.",
  "AZURE_TENANT_ID {0} is not a tenant ID": "AZURE_TENANT_ID {0} er ikke en leietaker-ID",
  "`az account show --query tenantId` prints it.": "`az account show --query tenantId` skriver den ut.",
  "AZURE_AUTHORITY_HOST is not https://login.microsoftonline.com":
    "AZURE_AUTHORITY_HOST er ikke https://login.microsoftonline.com",
  "Nothing was sent. Remove that variable: the stack is in Azure's public cloud.":
    "Ingenting er sendt. Fjern den variabelen: stakken er i den offentlige Azure-skyen.",
  "{0} answers again.": "{0} svarer igjen.",
  "{0} does not answer ({1}): retrying …": "{0} svarer ikke ({1}): prøver på nytt …",
  "no connection": "ingen forbindelse",
};
