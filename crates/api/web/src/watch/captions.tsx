import { useRef, useState, type SubmitEvent } from 'react';
import { useApp } from '../app-context';
import type { Video } from '../api/videos';
import { Notice } from '../ui/notice';

interface Props {
  video: Video;
  onDone: (video: Video) => void;
}

/** Adds captions, and removes those that were added. */
export function Captions({ video, onDone }: Props) {
  const { videos } = useApp();
  const form = useRef<HTMLFormElement>(null);
  const [language, setLanguage] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (change: () => Promise<Video>) => {
    setBusy(true);
    setError(null);
    try {
      onDone(await change());
      return true;
    } catch (error) {
      setError(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const add = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!file) return;
    if (await run(() => videos.addCaptions(video.id, language.trim(), file))) {
      form.current?.reset();
      setLanguage('');
      setFile(null);
    }
  };
  return (
    <section className="panel" aria-label="Captions">
      <h2>Captions</h2>
      {video.captions.length > 0 && (
        <ul className="captions">
          {video.captions.map(({ language, label, playing }) => (
            <li key={language}>
              <span>
                {label} <code>{language}</code>
                {video.playback && !playing && <span className="muted"> · not in what plays</span>}
              </span>
              <button
                type="button"
                className="button"
                disabled={busy}
                aria-label={`Remove captions in ${label}`}
                onClick={() => void run(() => videos.removeCaptions(video.id, language))}
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
      <form ref={form} className="form" onSubmit={(event) => void add(event)}>
        <label>
          Language
          <input
            required
            maxLength={35}
            pattern="[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"
            title="A language tag, such as en or pt-BR"
            placeholder="en"
            value={language}
            onChange={(event) => setLanguage(event.target.value)}
          />
        </label>
        <label>
          File
          <input
            required
            type="file"
            accept=".vtt,.srt,.ttml,.dfxp,.scc"
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
        </label>
        {error !== null && <Notice error={error} />}
        <button type="submit" className="button" disabled={busy || !file || language.trim() === ''}>
          Add captions
        </button>
      </form>
    </section>
  );
}
