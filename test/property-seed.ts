import fc from "fast-check";

/**
 * Property tests draw the same examples on every run, so that a failure of a change is that change's.
 * `DYNAFRAME_SEED=random npm test` draws new ones, `DYNAFRAME_SEED=<number>` repeats a run; a failing property prints
 * its seed in any case.
 */
const { DYNAFRAME_SEED: wish = "1" } = process.env;
if (wish !== "random") fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wish) });
