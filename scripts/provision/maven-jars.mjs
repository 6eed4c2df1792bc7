// Artifacts and all that they need at run time, from Maven, as a folder of jars in the user's cache.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * `artifacts`: lists of group, name and version. A line on what was done; throws with code ENOENT where Java or Maven
 * is not installed.
 */
export function mavenJars(folderName, artifacts) {
  execFileSync("java", ["-version"], { stdio: "ignore" });
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "dynaframe");
  const target = join(folder, folderName);
  if (existsSync(target)) return `${target} is there`;
  mkdirSync(folder, { recursive: true });
  const aside = mkdtempSync(join(folder, "getting-jars-"));
  try {
    writeFileSync(join(aside, "pom.xml"), pomOf(artifacts));
    execFileSync(
      "mvn",
      [
        "-q",
        "-B",
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        `-DoutputDirectory=${join(aside, "jars")}`,
      ],
      { cwd: aside, stdio: ["ignore", "ignore", "inherit"] },
    );
    // whole or not at all
    renameSync(join(aside, "jars"), target);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return `${readdirSync(target).length} jars in ${target}`;
}

const pomOf = (artifacts) => `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>dynaframe</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${artifacts.map(([group, name, version]) => `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`).join("")}</dependencies>
</project>`;
