// Apache Spark's jars with its Connect server, from Maven, where the engine `spark-local` looks for them.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

// as in src/engine/spark/local/spark-jars.ts
const VERSION = "4.2.0";

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>dynaframe</groupId><artifactId>spark-jars</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${["spark-connect_2.13", "spark-sql_2.13"].map((name) => `<dependency><groupId>org.apache.spark</groupId><artifactId>${name}</artifactId><version>${VERSION}</version></dependency>`).join("")}</dependencies>
</project>`;

export const spark = {
  name: "spark",
  without: "Maven or Java is not installed: the tests of the Spark engine will be skipped",
  provide() {
    execFileSync("java", ["-version"], { stdio: "ignore" });
    const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "dynaframe");
    const target = join(folder, `spark-${VERSION}`);
    if (existsSync(target)) return `${target} is there`;
    mkdirSync(folder, { recursive: true });
    const aside = mkdtempSync(join(folder, "spark-getting-"));
    try {
      writeFileSync(join(aside, "pom.xml"), pom);
      execFileSync("mvn", ["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${join(aside, "jars")}`], { cwd: aside, stdio: ["ignore", "ignore", "inherit"] });
      // whole or not at all
      renameSync(join(aside, "jars"), target);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
    return `${readdirSync(target).length} jars in ${target}`;
  },
};
