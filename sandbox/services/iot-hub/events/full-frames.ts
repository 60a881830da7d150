import rhea from "rhea";

/** Number of fields of a frame, by its descriptor. Source: AMQP 1.0, part 2, 2.7: open, begin, attach, flow, transfer. */
const fieldCounts: Record<number, number> = { 16: 10, 17: 8, 18: 14, 19: 11, 20: 11 };

const beginFrame = 0x11;
/** The position of handle-max in a begin frame; its default is the largest number. */
const handleMax = 4;

interface FrameWriter {
  _write_frame(channel: number, frame?: EncodedFrame, payload?: Buffer): void;
}

/** A frame of rhea: its fields by position, and a class with the descriptor. */
interface EncodedFrame {
  value: unknown[];
  constructor: { descriptor?: { numeric: number } };
}

/**
 * Writes the empty fields at the end of frames. AMQP lets a peer omit them, and rhea does. azure-eventhub for Python reads
 * the fields by their position and fails without them (_pyamqp/link.py, session.py), so Event Hubs writes them.
 */
export function writeFullFrames(connection: rhea.Connection): void {
  // rhea's types lack the method that writes all frames.
  const writer = connection as unknown as FrameWriter;
  const write = writer._write_frame;
  writer._write_frame = function writeFull(channel, frame, payload) {
    const count = fieldCounts[frame?.constructor.descriptor?.numeric ?? 0] ?? 0;
    while (frame && frame.value.length < count) frame.value.push(undefined);
    if (frame && count === fieldCounts[beginFrame])
      frame.value[handleMax] ??= rhea.types.wrap_uint(0xff_ff_ff_ff);
    write.call(this, channel, frame, payload);
  };
}
