/** How many orders one call may place: they are made at once, and all other calls wait meanwhile. */
export const MOST_ORDERS = 10_000;

/** The longest that anything is told to take, an hour; Node's timers end at 2^31 - 1 ms, and longer ones fire at once. */
export const LONGEST_MS = 3_600_000;
