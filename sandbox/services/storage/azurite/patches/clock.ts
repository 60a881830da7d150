// Patches globalThis.Date of the Azurite process at run time: Azurite reads the time there, and cannot be given a clock.

/**
 * Replaces Date, so that its current time is the computer's time plus an offset.
 * @returns A function that sets the offset in milliseconds.
 */
export function patchDate(): (offsetMs: number) => void {
  const SystemDate = Date;
  let currentOffsetMs = 0;
  const now = () => SystemDate.now() + currentOffsetMs;
  globalThis.Date = new Proxy(SystemDate, {
    construct: (target, args, self) => Reflect.construct(target, args.length > 0 ? args : [now()], self),
    apply: () => new SystemDate(now()).toString(),
    get: (target, name, self) => (name === "now" ? now : Reflect.get(target, name, self)),
  });
  return (offsetMs) => {
    currentOffsetMs = offsetMs;
  };
}
