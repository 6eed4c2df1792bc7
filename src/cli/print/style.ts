/** Colours by meaning, and the room there is. `plainStyle` is used wherever text does not go to a terminal. */
export type Style = {
  readonly heading: Paint;
  readonly name: Paint;
  readonly type: Paint;
  readonly faint: Paint;
  readonly good: Paint;
  readonly warning: Paint;
  readonly bad: Paint;
  /** Columns of the terminal that the text goes to; absent where it goes elsewhere: nothing is fitted then. */
  readonly width?: number;
};
type Paint = (text: string) => string;

const same: Paint = (text) => text;
const sgr =
  (on: number, off: number): Paint =>
  (text) =>
    text === "" ? "" : `\u001b[${on}m${text}\u001b[${off}m`;

export const plainStyle: Style = {
  heading: same,
  name: same,
  type: same,
  faint: same,
  good: same,
  warning: same,
  bad: same,
};
export const colorStyle: Style = {
  heading: sgr(1, 22),
  name: sgr(36, 39),
  type: sgr(34, 39),
  faint: sgr(2, 22),
  good: sgr(32, 39),
  warning: sgr(33, 39),
  bad: sgr(31, 39),
};
