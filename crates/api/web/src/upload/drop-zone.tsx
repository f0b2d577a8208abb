import { useEffect, useRef, useState } from 'react';
import { useApp } from '../app-context';
import { UploadIcon } from '../ui/icons';

/** Takes files that are dropped anywhere on the page. */
export function DropZone() {
  const { uploads } = useApp();
  const [over, setOver] = useState(false);

  useEffect(() => {
    // The browser reports entering and leaving of every element inside.
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const on = {
      dragenter: (event: DragEvent) => {
        if (!hasFiles(event)) return;
        depth += 1;
        setOver(true);
      },
      dragleave: (event: DragEvent) => {
        if (!hasFiles(event)) return;
        depth -= 1;
        if (depth <= 0) setOver(false);
      },
      dragover: (event: DragEvent) => {
        if (hasFiles(event)) event.preventDefault();
      },
      drop: (event: DragEvent) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth = 0;
        setOver(false);
        uploads.add(event.dataTransfer?.files ?? []);
      },
    };
    for (const [name, listener] of Object.entries(on))
      window.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(on))
        window.removeEventListener(name, listener as EventListener);
    };
  }, [uploads]);

  if (!over) return null;
  return (
    <div className="drop-here" aria-hidden="true">
      <UploadIcon />
      <p>Drop to upload</p>
    </div>
  );
}

/** Chooses files, for those who don't drop any. */
export function ChooseFiles() {
  const { uploads } = useApp();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className="button primary" onClick={() => input.current?.click()}>
        <UploadIcon /> Upload
      </button>
      <input
        ref={input}
        hidden
        type="file"
        multiple
        // What browsers have no type for: MXF, Matroska, transport streams.
        accept="video/*,audio/*,.mxf,.mkv,.ts,.m2ts,.mts,.vob"
        onChange={(event) => {
          uploads.add(event.target.files ?? []);
          // The same file can be chosen again.
          event.target.value = '';
        }}
      />
    </>
  );
}
