/** Bytes that come in parts, cut into stripes of one size: what both widths of xxHash take them in. */
export type Stripes = {
  /** Calls `onStripe` for each whole stripe, in order. */
  update(bytes: Uint8Array): void;
  /** Bytes so far; the last `held` of them, less than a stripe, lie at the front of `rest`. */
  readonly total: number;
  readonly held: number;
  readonly rest: Uint8Array<ArrayBuffer>;
};

export function createStripes(size: number, onStripe: (view: DataView, at: number) => void): Stripes {
  const rest = new Uint8Array(size);
  let held = 0;
  let total = 0;
  return {
    rest,
    get held() {
      return held;
    },
    get total() {
      return total;
    },
    update(bytes) {
      total += bytes.length;
      let at = 0;
      if (held > 0) {
        at = Math.min(size - held, bytes.length);
        rest.set(bytes.subarray(0, at), held);
        held += at;
        if (held < size) return;
        onStripe(new DataView(rest.buffer), 0);
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (; at + size <= bytes.length; at += size) onStripe(view, at);
      rest.set(bytes.subarray(at));
      held = bytes.length - at;
    },
  };
}
