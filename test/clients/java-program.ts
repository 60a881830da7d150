import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { installOnce } from "../../tools/outside-judges/install-once.ts";

const execute = promisify(execFile);
const isWindows = process.platform === "win32";
const source = join(import.meta.dirname, "java");

/** Runs a program of the JDK or Maven; on Windows, Maven is a script. */
const run = (program: string, args: string[], folder?: string) =>
  execute(program, args, { cwd: folder, shell: isWindows && program === "mvn" });

/** Whether this computer has a Java Development Kit and Maven. */
export const hasJava = await Promise.all([run("javac", ["-version"]), run("mvn", ["--version"])]).then(
  () => true,
  () => false,
);

/** Installs the libraries of pom.xml, once for each text of it: see `installOnce`. @returns Their folder. */
export async function installJavaLibraries(): Promise<string> {
  const pom = join(source, "pom.xml");
  const digest = createHash("sha256").update(readFileSync(pom)).digest("hex").slice(0, 12);
  const folder = await installOnce(
    `java-clients-${digest}`,
    async (cache) => {
      const copy = ["dependency:copy-dependencies", `-DoutputDirectory=${join(cache, "lib")}`];
      await run("mvn", ["--quiet", "--batch-mode", "--file", pom, ...copy], cache);
    },
    { waitMs: 900_000 },
  );
  return join(folder, "lib");
}

/** Compiles the program. @param folder Receives the classes. @returns The class path. */
export async function compileJavaProgram(libraries: string, folder: string): Promise<string> {
  const jars = join(libraries, "*");
  await run("javac", ["-cp", jars, "-d", folder, join(source, "Clients.java")]);
  return [folder, jars].join(delimiter);
}

/** Makes a file of certificates for Java. @returns The options of java that name it. */
export async function trustCertificate(certificate: string, file: string): Promise<string[]> {
  const store = ["-keystore", file, "-storepass", "changeit"];
  await run("keytool", ["-importcert", "-noprompt", "-alias", "sandbox", "-file", certificate, ...store]);
  return [`-Djavax.net.ssl.trustStore=${file}`, "-Djavax.net.ssl.trustStorePassword=changeit"];
}
