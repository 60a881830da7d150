import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import { ClientShell, describeClient } from "./client-shell.ts";
import { createHub } from "./iot-hub.ts";
import { compileJavaProgram, hasJava, installJavaLibraries, trustCertificate } from "./java-program.ts";

/* azure-identity, iot-device-client and iot-service-client from Maven Central, as docs/sandbox-clients.md shows. */

const needs = { "Java Development Kit with Maven": hasJava };
await describeClient("Java's IoT Hub clients", needs, installJavaLibraries, (libraries) => {
  let shell: ClientShell;
  beforeAll(async () => {
    shell = await ClientShell.start();
  });
  afterAll(() => shell[Symbol.asyncDispose]());

  test("sign in, and make, change, connect, call and delete a device", async () => {
    await using classes = await temporaryFolder();
    const classPath = await compileJavaProgram(libraries, classes.path);
    const connection = await createHub(shell, "java-hub");
    const certificate = shell.variables.SSL_CERT_FILE!;
    const trust = await trustCertificate(certificate, join(shell.folder, "sandbox.p12"));
    const options = ["-Djava.net.useSystemProxies=true", ...trust, "-cp", classPath];
    const { code, stdout, output } = await shell.run("java", [...options, "Clients", "java-hub", connection]);
    expect(code, output).toBe(0);
    expect(stdout.trim().split(/\r?\n/)).toEqual([
      "token true",
      "created from-java Enabled",
      "changed Enabled",
      "sent",
      "reported 1.2 CONNECTED",
      "desired 5 oslo",
      "6 desired 6",
      "query from-java",
      'method 200 "restart 7"',
      "message hello",
      "deleted 404 NotFound",
    ]);
  }, 300_000);
});
