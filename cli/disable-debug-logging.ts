/*
 * Libraries below the Azure SDKs log whole requests, with their bearer tokens, if DEBUG names them. They read the
 * variable when they are loaded, so main.ts imports this file first. AZURE_LOG_LEVEL stays allowed: Azure's own logger
 * removes secrets.
 */
delete process.env.DEBUG;
