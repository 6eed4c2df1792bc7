/** The page, section by section. */
import { callSection, stepSection, verbArgumentSection } from "./arguments.js";
import {
  contextOptionSection,
  databaseSection,
  fileSourceSection,
  kafkaSection,
  otherConnectionSection,
  sinkSection,
  tableSourceSection,
} from "./connections.js";
import { contextSection, sourceSinkSection } from "./context.js";
import { formatSection, jobSection } from "./formats.js";
import { collectionSection, frameSection, transformSection } from "./frames.js";
import { typeSection } from "./types.js";
import type { Section } from "./entry.js";

export const SECTIONS: readonly Section[] = [
  frameSection,
  stepSection,
  verbArgumentSection,
  collectionSection,
  transformSection,
  contextSection,
  callSection,
  sourceSinkSection,
  fileSourceSection,
  tableSourceSection,
  sinkSection,
  databaseSection,
  kafkaSection,
  otherConnectionSection,
  contextOptionSection,
  formatSection,
  typeSection,
  jobSection,
];
