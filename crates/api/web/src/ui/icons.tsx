/** Icons, drawn on a grid of 24; decoration only, so what they mean is always said in words too. */
function icon(path: string) {
  return function Icon() {
    return (
      <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d={path} />
      </svg>
    );
  };
}

export const UploadIcon = icon('M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3');
export const DownloadIcon = icon('M12 4v12m0 0 5-5m-5 5-5-5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3');
export const PauseIcon = icon('M9 5v14M15 5v14');
export const ResumeIcon = icon('M8 5.5v13l11-6.5z');
export const RetryIcon = icon('M4 4v5h5M4.6 9A8 8 0 1 1 4 13');
export const CloseIcon = icon('M6 6l12 12M18 6 6 18');
export const SearchIcon = icon('M15.5 15.5 20 20M17 11a6 6 0 1 1-12 0 6 6 0 0 1 12 0z');
export const FilmIcon = icon('M4 5h16v14H4zM8 5v14M16 5v14M4 9.7h4M4 14.3h4M16 9.7h4M16 14.3h4');
export const WarningIcon = icon('M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.1');
export const CopyIcon = icon('M9 9h10v11H9zM5 15V4h10');
export const CheckIcon = icon('M5 12.5 10 17.5 19 7');
export const DownIcon = icon('M5 9l7 7 7-7');
export const UpIcon = icon('M5 15l7-7 7 7');
export const BackIcon = icon('M15 5l-7 7 7 7');
