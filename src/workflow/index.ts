/** Triggers and workflows: a pure state machine; running it is the scheduler's. */
export { checkTrigger } from "./check-trigger.js";
export {
  fireTrigger,
  isOver,
  nodeEnded,
  resumeFrom,
  startByHand,
  type ChainState,
  type NodeRun,
  type Start,
  type Step,
} from "./chain.js";
export {
  crawlerNode,
  jobNode,
  nodeName,
  type Action,
  type Condition,
  type NodeId,
  type Predicate,
  type Trigger,
  type TriggerType,
} from "./model.js";
export {
  checkWorkflow,
  putRunProperties,
  resumeWorkflowRun,
  runNodeEnded,
  runStatistics,
  startWorkflowRun,
  stopWorkflowRun,
  type RunIdentity,
  type RunProperties,
  type RunStep,
  type Workflow,
  type WorkflowRun,
  type WorkflowStatus,
} from "./run.js";
export {
  defineWorkflow,
  type After,
  type CrawlerNode,
  type JobNode,
  type WorkflowDefinition,
  type WorkflowSpec,
} from "./define-workflow.js";
export {
  defineBlueprint,
  type Blueprint,
  type BlueprintLayout,
  type BlueprintParameter,
  type ParameterSpec,
  type ParameterValues,
} from "./blueprint/define-blueprint.js";
export type { NamedBlueprint, NamedBlueprints } from "./blueprint/named-blueprints.js";
export type { BlueprintRequest, BlueprintRun } from "./blueprint/blueprints.js";
export { graphMermaid, graphText, type NodeStates } from "./graph.js";
export { parseSchedule, type Schedule } from "./schedule.js";
export { playOut, simulateChain, type ChainStart, type Outcomes } from "./simulate.js";
