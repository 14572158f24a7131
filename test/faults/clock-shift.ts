// Loaded before Weir in one process: its clock is WEIR_TEST_CLOCK_SHIFT_MS ahead.
const shiftMs = Number(process.env.WEIR_TEST_CLOCK_SHIFT_MS ?? 0);
const now = Date.now.bind(Date);
Date.now = () => now() + shiftMs;
