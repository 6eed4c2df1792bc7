import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { notInstalled } from "./spark-jars.js";

const OLDEST = 17;

/** Packages that Spark reaches into (its own launcher's JavaModuleOptions). */
const OPENED = [
  "java.lang",
  "java.lang.invoke",
  "java.lang.reflect",
  "java.io",
  "java.net",
  "java.nio",
  "java.util",
  "java.util.concurrent",
  "java.util.concurrent.atomic",
  "sun.nio.ch",
  "sun.nio.cs",
  "sun.security.action",
  "sun.util.calendar",
];

/** What Spark's processes need of Java 17. */
export const JAVA_OPTIONS: readonly string[] = Object.freeze([
  ...OPENED.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
  "-Djdk.reflect.useDirectMethodHandle=false",
  "-Dio.netty.tryReflectionSetAccessible=true",
]);

/**
 * The `java` to run: JAVA_HOME's, or the one on the path.
 * @throws SPARK_NOT_INSTALLED when there is none, or one too old.
 */
export function requireJava(): string {
  const home = process.env["JAVA_HOME"];
  const java = home === undefined || home === "" ? "java" : join(home, "bin", "java");
  const { status, stderr, error } = spawnSync(java, ["-version"], { encoding: "utf8" });
  if (error !== undefined || status !== 0) throw notInstalled(`There is no Java: ${java} cannot be run.`);
  const version = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  if (version < OLDEST) throw notInstalled(`Java ${version} is too old.`);
  return java;
}
