/** The server: the Glue API over HTTP, answered from a catalog. */
export { coverage, coverageMarkdown } from "./coverage.js";
export { startGlueServer } from "./http-server.js";
export type { GlueServer, LogEntry, ServerOptions } from "./server-options.js";
