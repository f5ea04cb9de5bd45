/** Where there are two cores, a transfer needs both, and whatever is drawn beside it makes it slower. */
export const hasFewCores = navigator.hardwareConcurrency <= 2;
