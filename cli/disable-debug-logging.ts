/*
 * Libraries below the SDKs print whole requests, bearer tokens included, when DEBUG names them. They read the
 * variable when they are loaded, so this is imported before all else. AZURE_LOG_LEVEL stays: Azure's own
 * logger redacts.
 */
delete process.env.DEBUG;
