/*
 * Preloaded into a program (node --import), it moves the program's clock by FAULT_CLOCK_SKEW_MS milliseconds, as on a
 * computer with a wrong time.
 */
const skewMs = Number(process.env.FAULT_CLOCK_SKEW_MS ?? 0);
const now = Date.now;
Date.now = () => now() + skewMs;
globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now() + skewMs] : args, newTarget),
});
