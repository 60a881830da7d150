/** What a seed created or found as it should be. */
export interface SeedResult {
  resourceGroup: string;
  hubs: { name: string; host: string; devices: SeededDevice[] }[];
  accounts: { name: string; blobUrl: string; tableUrl: string; containers: string[]; tables: string[] }[];
  apis: { service: string; name: string; url: string }[];
  roles: { role: string; to: string; scope: string }[];
}

/** A device with what its software needs to connect. */
export interface SeededDevice {
  id: string;
  status: "enabled" | "disabled";
  /** Contains the device's primary key. */
  connectionString: string;
}
