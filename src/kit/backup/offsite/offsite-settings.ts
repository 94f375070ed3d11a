/** S3 bucket for the copies, and the folder of this installation in it. */
export interface OffsiteSettings {
  /** URL with https://. */
  endpoint: string
  bucket: string
  region: string
  /**
   * Folder of this installation in the bucket, without a leading and a trailing slash; '' for the bucket
   * itself.
   */
  prefix: string
  /** Path of the CA certificate for the endpoint; undefined for the system's CAs. */
  caFile: string | undefined
  accessKeyId: string
  secretAccessKey: string
  /** An idle connection is closed after this time. */
  idleTimeoutMs: number
  /** Limit for uploads and verification; undefined for no limit. */
  bandwidthKibPerSecond?: number | undefined
  /** Search path that contains rclone. */
  searchPath: string
}

/** The off-site storage and the local backups folder. */
export interface OffsitePlace {
  offsite: OffsiteSettings
  backupsFolder: string
}

/** Returns the identity of the storage. A saved note is valid for this place only. */
export function placeOf({ endpoint, bucket, prefix }: OffsiteSettings): string {
  return [endpoint.replace(/\/+$/, ''), bucket, ...(prefix === '' ? [] : [prefix])].join('/')
}
