/** `dynaframe/testing`: matchers, a temporary context and fixture folders for tests. Imports no test framework. */
export { installMatchers, matchers, type DriftOptions, type MatcherResult } from "./matchers.js";
export type { SchemaMatchers } from "./jest-matchers.js";
export { type Subject } from "./subject.js";
export { temporaryContext, type TemporaryContext } from "./temporary-context.js";
export { listFixtures, loadFixture, type Fixture, type FixtureStep, type LoadedFixture } from "./fixture.js";
export { runFixture, runFixtures, type FixtureOptions, type FixtureResult } from "./run-fixtures.js";
export { startServer, type TestServer, type TestServerOptions } from "./start-server.js";
