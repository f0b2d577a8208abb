import type { Cost, Playback, Rendition, Video } from '../api/videos';
import { CopyField } from '../ui/copy-field';
import { useApp } from '../app-context';
import { bitrate, bytes, codec, dateTime, duration, money } from '../ui/format';

/** Technical facts of a video. */
export function Details({ video }: { video: Video }) {
  const { isAdmin } = useApp().user;
  const { playback } = video;
  return (
    <section className="panel" aria-label="Details">
      <h2>Details</h2>
      <dl className="facts">
        <Fact name="Added" value={dateTime(video.createdAt)} />
        <Fact name="File" value={video.fileName} />
        <Fact name="Size" value={video.sizeBytes === undefined ? undefined : bytes(video.sizeBytes)} />
        <Fact
          name="Length"
          value={playback?.durationMs === undefined ? undefined : duration(playback.durationMs)}
        />
        <Fact name="Profile" value={video.profile} />
        <Fact name="Part" value={video.clip && part(video.clip)} />
        <Fact name="Cost" value={video.cost && cost(video.cost)} />
        {isAdmin && <Fact name="Owner" value={video.owner} />}
        <Fact name="Id" value={video.id} />
      </dl>
      {video.cost && <Costs cost={video.cost} />}
      {playback && <Renditions renditions={playback.renditions} />}
    </section>
  );
}

/** Which part of the upload it is. */
function part({ fromSeconds = 0, toSeconds }: NonNullable<Video['clip']>): string {
  const end = toSeconds === undefined ? 'the end' : duration(toSeconds * 1000);
  return `${duration(fromSeconds * 1000)} to ${end}`;
}

/** The actual cost, or the estimate until it is known. */
function cost({ currency, estimated, actual, note }: Cost): string | undefined {
  const amount = actual ?? estimated;
  if (amount === undefined) return note;
  const text = `${money(amount, currency)}${actual === undefined ? ' estimated' : ''}`;
  return note === undefined ? text : `${text} (${note})`;
}

function Costs({ cost: { currency, actual, perRendition } }: { cost: Cost }) {
  if (perRendition.length === 0) return null;
  const name = actual === undefined ? 'Estimated cost' : 'Cost';
  return (
    <div className="table-scroll" role="region" aria-label={name} tabIndex={0}>
      <table>
        <caption className="visually-hidden">{name}</caption>
        <thead>
          <tr>
            <th scope="col">Output</th>
            <th scope="col">A minute</th>
            <th scope="col">{name}</th>
            <th scope="col">Tier</th>
          </tr>
        </thead>
        <tbody>
          {perRendition.map(({ name, perMinute, amount, professional }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{money(perMinute, currency)}</td>
              <td>{amount === undefined ? '–' : money(amount, currency)}</td>
              <td>
                {professional.length === 0 ? 'basic' : `professional, for ${professional.join(' and ')}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string | undefined }) {
  return value === undefined ? null : (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Renditions({ renditions }: { renditions: Rendition[] }) {
  if (renditions.length === 0) return null;
  return (
    <div className="table-scroll" role="region" aria-label="Renditions" tabIndex={0}>
      <table>
        <caption className="visually-hidden">Renditions</caption>
        <thead>
          <tr>
            <th scope="col">Rendition</th>
            <th scope="col">Codec</th>
            <th scope="col">Size</th>
            <th scope="col">Bit rate</th>
            <th scope="col">Peak</th>
          </tr>
        </thead>
        <tbody>
          {renditions.map((rendition) => (
            <tr key={rendition.name}>
              <th scope="row">{rendition.label ?? rendition.name}</th>
              <td>{codec(rendition.codec)}</td>
              <td>{dimensions(rendition)}</td>
              <td>{rendition.averageBitrate === undefined ? '–' : bitrate(rendition.averageBitrate)}</td>
              <td>{rendition.maxBitrate === undefined ? '–' : bitrate(rendition.maxBitrate)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function dimensions({ width, height, channels }: Rendition): string {
  if (width !== undefined && height !== undefined) return `${width}×${height}`;
  return channels === undefined ? '–' : `${channels} ${channels === 1 ? 'channel' : 'channels'}`;
}

/** Addresses for players elsewhere. */
export function Addresses({ playback }: { playback: Playback }) {
  return (
    <section className="panel" aria-label="Addresses">
      <h2>Addresses</h2>
      {playback.hlsUrl && <CopyField label="HLS" text={playback.hlsUrl} />}
      {playback.dashUrl && <CopyField label="DASH" text={playback.dashUrl} />}
      {playback.fileUrl && <CopyField label="File" text={playback.fileUrl} />}
    </section>
  );
}
