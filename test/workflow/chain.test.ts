import fc from "fast-check";
import {
  checkTrigger,
  crawlerNode,
  fireTrigger,
  isOver,
  jobNode,
  nodeEnded,
  playOut,
  resumeFrom,
  simulateChain,
  startByHand,
  type ChainState,
  type NodeId,
  type Trigger,
} from "../../src/workflow/index.js";
import { downstream } from "../../src/workflow/chain.js";

const onDemand = (Name: string, ...jobs: string[]): Trigger => ({
  Name,
  Type: "ON_DEMAND",
  Actions: jobs.map((JobName) => ({ JobName })),
});
const when = (
  Name: string,
  Logical: "AND" | "ANY",
  conditions: readonly (readonly [string, string])[],
  ...jobs: string[]
): Trigger => ({
  Name,
  Type: "CONDITIONAL",
  Predicate: { Logical, Conditions: conditions.map(([JobName, State]) => ({ JobName, State })) },
  Actions: jobs.map((JobName) => ({ JobName })),
});
const outcomes = (given: { readonly [job: string]: string }): Map<NodeId, string> =>
  new Map(Object.entries(given).map(([job, state]) => [jobNode(job), state]));
const ran = (state: ChainState): string[] => [...state.nodes.keys()].sort();

const DIAMOND = [
  onDemand("start", "a"),
  when("left", "AND", [["a", "SUCCEEDED"]], "b"),
  when("right", "AND", [["a", "SUCCEEDED"]], "c"),
  when(
    "join",
    "AND",
    [
      ["b", "SUCCEEDED"],
      ["c", "SUCCEEDED"],
    ],
    "d",
  ),
  when(
    "rescue",
    "ANY",
    [
      ["b", "FAILED"],
      ["c", "FAILED"],
    ],
    "fix",
  ),
];

test("AND waits for all, ANY for one", () => {
  expect(ran(simulateChain(DIAMOND, { triggerName: "start" }, outcomes({})))).toEqual([
    "job:a",
    "job:b",
    "job:c",
    "job:d",
  ]);
  expect(ran(simulateChain(DIAMOND, { triggerName: "start" }, outcomes({ b: "FAILED" })))).toEqual([
    "job:a",
    "job:b",
    "job:c",
    "job:fix",
  ]);
  expect(ran(simulateChain(DIAMOND, { triggerName: "start" }, outcomes({ a: "TIMEOUT" })))).toEqual(["job:a"]);
});

test("nothing follows from a job started by hand", () => {
  expect(ran(simulateChain(DIAMOND, { jobName: "a" }, outcomes({})))).toEqual(["job:a"]);
  expect(nodeEnded(DIAMOND, startByHand(jobNode("a")).state, jobNode("a"), "SUCCEEDED").starts).toEqual([]);
});

test("a conditional trigger is not fired by hand, and an unknown one is named", () => {
  expect(() => fireTrigger(DIAMOND, "join")).toThrow(expect.objectContaining({ code: "BAD_TRIGGER" }));
  expect(() => fireTrigger(DIAMOND, "joi")).toThrow(
    expect.objectContaining({ code: "TRIGGER_NOT_FOUND", name: "EntityNotFoundException" }),
  );
});

test("crawlers are nodes like jobs", () => {
  const triggers: Trigger[] = [
    { Name: "t", Type: "SCHEDULED", Schedule: "cron(0 1 * * ? *)", Actions: [{ CrawlerName: "c" }] },
    {
      Name: "u",
      Type: "CONDITIONAL",
      Predicate: { Conditions: [{ CrawlerName: "c", CrawlState: "SUCCEEDED" }] },
      Actions: [{ JobName: "j" }],
    },
  ];
  triggers.forEach(checkTrigger);
  expect(ran(simulateChain(triggers, { triggerName: "t" }, new Map()))).toEqual(["crawler:c", "job:j"]);
  expect(ran(simulateChain(triggers, { triggerName: "t" }, new Map([[crawlerNode("c"), "FAILED"]])))).toEqual([
    "crawler:c",
  ]);
});

test("a circle of triggers ends: a node runs once in a chain", () => {
  const circle = [
    onDemand("t", "x"),
    when("u", "AND", [["x", "SUCCEEDED"]], "y"),
    when("v", "AND", [["y", "SUCCEEDED"]], "x"),
  ];
  expect(ran(simulateChain(circle, { triggerName: "t" }, outcomes({})))).toEqual(["job:x", "job:y"]);
});

test("news that comes twice changes nothing", () => {
  const { state } = fireTrigger(DIAMOND, "start");
  const once = nodeEnded(DIAMOND, state, jobNode("a"), "SUCCEEDED");
  expect(once.starts.map(({ node }) => node)).toEqual(["job:b", "job:c"]);
  expect(nodeEnded(DIAMOND, once.state, jobNode("a"), "FAILED")).toEqual({ state: once.state, starts: [] });
});

test("a resumed run starts its nodes and what follows, and copies the rest", () => {
  const first = simulateChain(DIAMOND, { triggerName: "start" }, outcomes({ b: "FAILED" }));
  const step = resumeFrom(DIAMOND, first, [jobNode("b")]);
  expect(step.starts).toEqual([{ node: "job:b", trigger: "left", action: { JobName: "b" } }]);
  const resumed = playOut(DIAMOND, step, outcomes({}));
  const copied = [...resumed.nodes].filter(([, run]) => run.kind === "ended" && run.copied).map(([node]) => node);
  expect([copied.sort(), ran(resumed)]).toEqual([
    ["job:a", "job:c"],
    ["job:a", "job:b", "job:c", "job:d"],
  ]);
  // it fails again: the rescue, which is downstream of it, runs again
  expect(ran(playOut(DIAMOND, resumeFrom(DIAMOND, first, [jobNode("b")]), outcomes({ b: "FAILED" })))).toEqual([
    "job:a",
    "job:b",
    "job:c",
    "job:fix",
  ]);
  expect(() => resumeFrom(DIAMOND, first, [jobNode("d")])).toThrow(expect.objectContaining({ code: "BAD_RESUME" }));
  expect(() => resumeFrom(DIAMOND, first, [])).toThrow(expect.objectContaining({ code: "BAD_RESUME" }));
});

test.each([
  [{ ...onDemand("t"), Actions: [] }, "no actions"],
  [{ ...onDemand("t"), Actions: [{}] }, "neither a job nor a crawler"],
  [{ ...onDemand("t"), Actions: [{ JobName: "j", CrawlerName: "c" }] }, "names both"],
  [{ ...onDemand("t", "j"), Schedule: "cron(0 1 * * ? *)" }, "has a schedule"],
  [{ ...onDemand("t", "j"), Type: "SCHEDULED" }, "has no schedule"],
  [{ ...onDemand("t", "j"), Type: "CONDITIONAL" }, "has no conditions"],
  [when("t", "AND", [["x", "DONE"]], "j"), "the state DONE"],
  [{ ...when("t", "AND", [], "j"), Predicate: { Conditions: [{ JobName: "x" }] } }, "no state"],
  [
    {
      ...when("t", "AND", [["x", "FAILED"]], "j"),
      Predicate: { Conditions: [{ JobName: "x", State: "FAILED", LogicalOperator: "NOT" }] },
    },
    "LogicalOperator NOT",
  ],
  [{ ...onDemand("t"), Actions: ["a", "b", "c"].map((CrawlerName) => ({ CrawlerName })) }, "more than 2 crawlers"],
] as const)("%j is refused", (trigger, why) => {
  expect(() => checkTrigger(trigger as Trigger)).toThrow(
    expect.objectContaining({
      code: "BAD_TRIGGER",
      name: "InvalidInputException",
      message: expect.stringContaining(why),
    }),
  );
});

// ---- random graphs of triggers

const JOBS = ["a", "b", "c", "d", "e"];
const ENDS = ["SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT"];
const conditional = fc.record({
  logical: fc.constantFrom("AND" as const, "ANY" as const),
  conditions: fc.array(fc.tuple(fc.constantFrom(...JOBS), fc.constantFrom(...ENDS)), { minLength: 1, maxLength: 3 }),
  jobs: fc.uniqueArray(fc.constantFrom(...JOBS), { minLength: 1, maxLength: 2 }),
});
const graphs = fc
  .record({
    first: fc.uniqueArray(fc.constantFrom(...JOBS), { minLength: 1, maxLength: 2 }),
    rest: fc.array(conditional, { maxLength: 6 }),
    ends: fc.dictionary(fc.constantFrom(...JOBS), fc.constantFrom(...ENDS)),
    order: fc.infiniteStream(fc.nat()),
  })
  .map(({ first, rest, ends, order }) => ({
    triggers: [onDemand("start", ...first), ...rest.map((r, i) => when(`t${i}`, r.logical, r.conditions, ...r.jobs))],
    first,
    rest,
    ends,
    order,
  }));

test("in any order of ends: the chain ends, each job ran once, and each has a reason", () => {
  fc.assert(
    fc.property(graphs, ({ triggers, first, rest, ends, order }) => {
      let { state, starts } = fireTrigger(triggers, "start");
      const running = starts.map(({ node }) => node);
      const startedAll = [...running];
      while (running.length > 0) {
        const [node] = running.splice((order.next().value as number) % running.length, 1);
        ({ state, starts } = nodeEnded(
          triggers,
          state,
          node as NodeId,
          ends[(node as NodeId).slice(4)] ?? "SUCCEEDED",
        ));
        running.push(...starts.map((s) => s.node));
        startedAll.push(...starts.map((s) => s.node));
      }
      expect(isOver(state)).toBe(true);
      expect(new Set(startedAll).size).toBe(startedAll.length);
      // an oracle by fixpoint over the final ends: what may run is what a met predicate or the start names
      const done = new Set(first);
      for (let before = -1; before !== done.size;) {
        before = done.size;
        for (const { logical, conditions, jobs } of rest) {
          const met = ([job, end]: readonly [string, string]): boolean =>
            done.has(job) && (ends[job] ?? "SUCCEEDED") === end;
          if (logical === "AND" ? conditions.every(met) : conditions.some(met)) jobs.forEach((job) => done.add(job));
        }
      }
      expect(ran(state)).toEqual([...done].sort().map((job) => `job:${job}`));
    }),
    { numRuns: 500 },
  );
});

test("resuming copies exactly what is not downstream", () => {
  fc.assert(
    fc.property(graphs, fc.nat(), ({ triggers, ends }, pick) => {
      const first = simulateChain(triggers, { triggerName: "start" }, outcomes(ends));
      const nodes = [...first.nodes.keys()];
      const from = [nodes[pick % nodes.length] as NodeId];
      const again = downstream(triggers, from);
      const resumed = playOut(triggers, resumeFrom(triggers, first, from), new Map());
      const copied = [...resumed.nodes]
        .filter(([, run]) => run.kind === "ended" && run.copied)
        .map(([node]) => node)
        .sort();
      expect(copied).toEqual(nodes.filter((node) => !again.has(node)).sort());
      expect(isOver(resumed)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
