/** Java programs of the folder `java`, run from their source with the jars that scripts/provision/iceberg.mjs gets. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { JAVA_OPTIONS } from "../../src/engine/spark/local/java.js";

const jars = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "dynaframe",
  "iceberg-1.12.0-spark-4.1.1",
);

/** `describe` where the jars are; one loud line where they are not. CI provides them. */
export function describeWithJava(name: string, tests: () => void): void {
  const there = existsSync(jars) || process.env["CI"] === "true";
  if (!there)
    process.stderr.write(
      `SKIPPED: ${name}: no jars of Iceberg and Spark; run: node scripts/provision.mjs iceberg (needs Java 17 and Maven)\n`,
    );
  (there ? describe : describe.skip)(name, tests);
}

export type JavaProgram = {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly errors: () => string;
};

export function runJava(
  program: string,
  env: NodeJS.ProcessEnv,
  settings: Readonly<Record<string, string>> = {},
): JavaProgram {
  const args = [
    ...JAVA_OPTIONS,
    "-Xmx800m",
    "-XX:TieredStopAtLevel=1",
    ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`),
    "-cp",
    join(jars, "*"),
    join(__dirname, "java", `${program}.java`),
  ];
  const child = spawn("java", args, {
    env: { ...process.env, ...env, SPARK_LOCAL_IP: "127.0.0.1" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-20_000);
  });
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](), errors: () => errors };
}

/** The rows of a statement that the program `SparkSql` runs. */
export async function sql({ child, lines, errors }: JavaProgram, statement: string): Promise<readonly unknown[]> {
  child.stdin?.write(`${statement}\n`);
  const rows: unknown[] = [];
  for (;;) {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${statement}: the program ended\n${errors()}`);
    if (line.value.startsWith("row ")) rows.push(JSON.parse(line.value.slice(4)));
    else if (line.value === "ok") return rows;
    else if (line.value.startsWith("failed ")) throw new Error(`${statement}: ${line.value}\n${errors()}`);
  }
}
