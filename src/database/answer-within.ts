/** Waiting for a server that may have stopped to answer. */

/**
 * The answer, waited for at most so long; 0 is for ever. Then `cut` is told why, before the wait fails with the same.
 */
export async function answerWithin<T>(
  milliseconds: number,
  answer: Promise<T>,
  cut: (reason: Error) => void,
): Promise<T> {
  if (milliseconds <= 0) return answer;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = new Error(`no answer within ${Math.round(milliseconds / 1000)} s`);
      cut(reason);
      reject(reason);
    }, milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
