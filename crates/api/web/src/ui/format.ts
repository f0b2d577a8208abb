/** `3.4 MB`: decimal units, as file managers show them. */
export function bytes(count: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** `4.2 Mbit/s`. */
export function bitrate(bitsPerSecond: number): string {
  return bitsPerSecond >= 999_500
    ? `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`
    : `${Math.round(bitsPerSecond / 1000)} kbit/s`;
}

/** `$0.0123`: what a conversion costs is often less than a cent. */
export function money(amount: number, currency: string): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: 4 }).format(
    amount,
  );
}

/** `1:02:03` or `2:03`, as players show it. */
export function duration(milliseconds: number): string {
  const whole = Math.floor(milliseconds / 1000);
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => value.toString().padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** `2 min left`: coarse, since it is a guess. */
export function timeLeft(seconds: number): string {
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 10) return 'a few seconds left';
  if (seconds < 55) return `${Math.ceil(seconds / 10) * 10} s left`;
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))} min left`;
  const hours = Math.floor(seconds / 3600 + 1 / 120);
  const minutes = Math.max(0, Math.round((seconds - hours * 3600) / 60));
  return minutes > 0 ? `${hours} h ${minutes} min left` : `${hours} h left`;
}

/** Day and time in the reader's zone and language. */
export function dateTime(rfc3339: string): string {
  return new Date(rfc3339).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** `3 days ago`. */
export function ago(rfc3339: string, now: number): string {
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  const seconds = Math.max(0, (now - Date.parse(rfc3339)) / 1000);
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ['year', 31_556_952],
    ['month', 2_629_746],
    ['week', 604_800],
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ];
  for (const [unit, length] of units) {
    if (seconds >= length) return words.format(-Math.floor(seconds / length), unit);
  }
  return 'just now';
}

/** `9:11:05 AM`, in the reader's zone and language. */
export function clock(rfc3339: string): string {
  return new Date(rfc3339).toLocaleTimeString();
}

/** `57 s` or `3 min`: how long something took. */
export function span(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  return seconds < 5970 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** MediaConvert's names of codecs, as people know them. */
export function codec(name: string): string {
  const known: Record<string, string> = {
    H_264: 'H.264',
    H_265: 'HEVC',
    AV1: 'AV1',
    VP9: 'VP9',
    AAC: 'AAC',
    EAC3: 'E-AC-3',
    AC3: 'AC-3',
  };
  return known[name] ?? name;
}
