import { DynaframeError } from "../types/error.js";
import { awaitedState, type Action, type Condition, type Trigger } from "./model.js";
import { parseSchedule } from "./schedule.js";

const JOB_STATES = ["SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR"];
const CRAWL_STATES = ["SUCCEEDED", "FAILED", "CANCELLED", "ERROR"];
/** Developer guide: a trigger starts at most two crawlers. */
const MAX_CRAWLERS = 2;

/**
 * Checks a trigger as Glue's CreateTrigger does.
 * @throws BAD_TRIGGER (InvalidInputException) naming what is wrong and where.
 */
export function checkTrigger(trigger: Trigger): void {
  const { Name, Type, Schedule, Predicate, Actions } = trigger;
  if (!Name) throw bad(Name, "A trigger needs a name.", "Give it a Name.");
  if (Actions.length === 0)
    throw bad(Name, `Trigger ${Name} has no actions.`, "Name at least one job or crawler to start.");
  Actions.forEach((action) => checkAction(Name, action));
  if (Actions.filter((a) => a.CrawlerName !== undefined).length > MAX_CRAWLERS)
    throw bad(Name, `Trigger ${Name} starts more than ${MAX_CRAWLERS} crawlers.`, "Split it into several triggers.");
  if (Type === "SCHEDULED") {
    if (!Schedule)
      throw bad(Name, `The scheduled trigger ${Name} has no schedule.`, "Give it Schedule, e.g. cron(0 12 * * ? *).");
    parseSchedule(Schedule);
  } else if (Schedule)
    throw bad(Name, `Trigger ${Name} has a schedule, but is ${Type}.`, "Make it SCHEDULED, or leave the schedule out.");
  if (Type === "CONDITIONAL") {
    const conditions = Predicate?.Conditions ?? [];
    if (conditions.length === 0)
      throw bad(Name, `The conditional trigger ${Name} has no conditions.`, "Give it Predicate.Conditions.");
    conditions.forEach((condition) => checkCondition(Name, condition));
    const logical = Predicate?.Logical;
    if (logical !== undefined && logical !== "AND" && logical !== "ANY")
      throw bad(Name, `Trigger ${Name}: Logical ${String(logical)} is not known.`, "Use AND or ANY.");
  } else if (Predicate)
    throw bad(
      Name,
      `Trigger ${Name} has a predicate, but is ${Type}.`,
      "Make it CONDITIONAL, or leave the predicate out.",
    );
  checkBatch(trigger);
}

function checkBatch({ Name, Type, EventBatchingCondition: batch }: Trigger): void {
  if (batch === undefined) return;
  if (Type !== "EVENT")
    throw bad(
      Name,
      `Trigger ${Name} has batches of events, but is ${Type}.`,
      "Make it EVENT, or leave EventBatchingCondition out.",
    );
  const { BatchSize, BatchWindow = 1 } = batch;
  const isIn = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;
  if (!isIn(BatchSize, 100) || !isIn(BatchWindow, 900))
    throw bad(
      Name,
      `Trigger ${Name}: BatchSize is 1 to 100, BatchWindow 1 to 900 seconds.`,
      "Give EventBatchingCondition: { BatchSize: 5, BatchWindow: 900 }.",
    );
}

function checkAction(name: string, { JobName, CrawlerName }: Action): void {
  if (JobName !== undefined && CrawlerName !== undefined)
    throw bad(
      name,
      `An action of trigger ${name} names both the job ${JobName} and the crawler ${CrawlerName}.`,
      "Write two actions.",
    );
  if (!JobName && !CrawlerName)
    throw bad(
      name,
      `An action of trigger ${name} names neither a job nor a crawler.`,
      "Give it JobName or CrawlerName.",
    );
}

function checkCondition(name: string, condition: Condition): void {
  const { LogicalOperator, JobName, CrawlerName } = condition;
  if (LogicalOperator !== undefined && LogicalOperator !== "EQUALS")
    throw bad(
      name,
      `Trigger ${name}: LogicalOperator ${String(LogicalOperator)} is not known.`,
      "EQUALS is the only one.",
    );
  if (!JobName && !CrawlerName)
    throw bad(
      name,
      `A condition of trigger ${name} names neither a job nor a crawler.`,
      "Give it JobName and State, or CrawlerName and CrawlState.",
    );
  const state = awaitedState(condition);
  const allowed = JobName ? JOB_STATES : CRAWL_STATES;
  if (state === undefined || !allowed.includes(state)) {
    throw bad(
      name,
      `A condition of trigger ${name} on ${JobName ?? CrawlerName ?? ""} has ${state === undefined ? "no state" : `the state ${state}`}.`,
      `Use ${allowed.join(", ")}.`,
    );
  }
}

const bad = (path: string, message: string, hint: string): DynaframeError =>
  new DynaframeError("BAD_TRIGGER", message, { name: "InvalidInputException", path, hint });
