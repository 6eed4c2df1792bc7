/**
 * Blueprints: layouts of workflows with parameters, written in TypeScript (Glue developer guide, "Developing
 * blueprints").
 */
import { requireOptions } from "../../dynamicframe/require-text.js";
import type { CrawlerSettings } from "../../crawler/named/crawler-record.js";
import type { JobSettings } from "../../job/definition/job-record.js";
import { DynaframeError } from "../../types/error.js";
import type { WorkflowDefinition } from "../define-workflow.js";

export const PARAMETER_TYPES = ["String", "Integer", "Double", "Boolean", "Date", "S3Uri", "IAMRoleArn"] as const;

/** A parameter as Glue's `parameterSpec` describes it. */
export type BlueprintParameter = {
  readonly type: (typeof PARAMETER_TYPES)[number];
  /** Whether it is a list of them; default false. */
  readonly collection?: boolean;
  readonly description?: string;
  /** Taken when the run gives none; without it the parameter must be given. */
  readonly defaultValue?: unknown;
  /** The only values there are. */
  readonly enum?: readonly unknown[];
};
/** The parameters of a blueprint, by name. */
export type ParameterSpec = { readonly [name: string]: BlueprintParameter };

type ValueOf<P extends BlueprintParameter> = P["type"] extends "Integer" | "Double"
  ? number
  : P["type"] extends "Boolean"
    ? boolean
    : string;
/** What a layout gets: dates are texts such as 2024-03-01. */
export type ParameterValues<Spec extends ParameterSpec> = {
  readonly [N in keyof Spec]: Spec[N]["collection"] extends true ? readonly ValueOf<Spec[N]>[] : ValueOf<Spec[N]>;
};

/**
 * A workflow, and the jobs and crawlers that come into being with it; those that are there already are only named by
 * its nodes.
 */
export type BlueprintLayout =
  | WorkflowDefinition
  | {
      readonly workflow: WorkflowDefinition;
      readonly jobs?: { readonly [name: string]: JobSettings };
      readonly crawlers?: { readonly [name: string]: Omit<CrawlerSettings, "Name"> };
    };

/** A workflow with parameters: what they are, and the layout that they give. */
export type Blueprint<Spec extends ParameterSpec = ParameterSpec> = {
  readonly parameterSpec: Spec;
  readonly layout: (parameters: ParameterValues<Spec>) => BlueprintLayout | Promise<BlueprintLayout>;
};

/**
 * A blueprint, for a module to export as `blueprint`. A run calls `layout` in a process of its own, with parameters
 * that were checked.
 * @throws BAD_BLUEPRINT for a specification that is none.
 * @example
 * export const blueprint = defineBlueprint({
 *   parameterSpec: { table: { type: "String" }, hour: { type: "Integer", defaultValue: 2 } },
 *   layout: ({ table, hour }) =>
 *     defineWorkflow({
 *       name: `load-${table}`,
 *       schedule: `cron(0 ${hour} * * ? *)`,
 *       nodes: { load: { job: "load", arguments: { "--table": table } } },
 *     }),
 * });
 */
export function defineBlueprint<const Spec extends ParameterSpec>(blueprint: Blueprint<Spec>): Blueprint<Spec> {
  requireOptions("defineBlueprint", blueprint);
  checkParameterSpec(blueprint.parameterSpec);
  return Object.freeze(blueprint);
}

/** @throws BAD_BLUEPRINT */
export function checkParameterSpec(spec: unknown): asserts spec is ParameterSpec {
  if (!isRecord(spec)) throw badBlueprint("its parameterSpec is no object of parameters");
  for (const [name, parameter] of Object.entries(spec)) {
    if (!/^[A-Za-z_]\w{0,127}$/.test(name))
      throw badBlueprint(`${name.slice(0, 40)} cannot be the name of a parameter`);
    if (!isRecord(parameter) || !PARAMETER_TYPES.some((type) => type === parameter["type"]))
      throw badBlueprint(`parameter ${name} has no type of ${PARAMETER_TYPES.join(", ")}`);
    const unknown = Object.keys(parameter).find(
      (key) => !["type", "collection", "description", "defaultValue", "enum"].includes(key),
    );
    if (unknown !== undefined)
      throw badBlueprint(`parameter ${name} has ${unknown.slice(0, 40)}, which is no property of one`);
    if (parameter["enum"] !== undefined && !Array.isArray(parameter["enum"]))
      throw badBlueprint(`enum of parameter ${name} is no list`);
    if (parameter["collection"] !== undefined && typeof parameter["collection"] !== "boolean")
      throw badBlueprint(`collection of parameter ${name} is neither true nor false`);
  }
}

export const isRecord = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const badBlueprint = (
  why: string,
  more: { readonly file?: string; readonly cause?: unknown } = {},
): DynaframeError =>
  new DynaframeError("BAD_BLUEPRINT", `The blueprint cannot be used: ${why}.`, {
    name: "InvalidInputException",
    hint: "A module exports it: export const blueprint = defineBlueprint({ parameterSpec, layout }).",
    ...more,
  });
