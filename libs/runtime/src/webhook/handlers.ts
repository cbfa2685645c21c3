/** A Kubernetes object as raw JSON, before anything is known of it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** `request` of an `admission.k8s.io/v1` AdmissionReview, the part we use. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly subResource?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly userInfo?: { readonly username?: string; readonly groups?: readonly string[] };
  readonly object?: JsonObject | null;
  readonly oldObject?: JsonObject | null;
  readonly dryRun?: boolean;
}

/** The answer of an admission webhook. */
export interface AdmissionResponse {
  readonly allowed: boolean;
  /** Why not, and what to write instead. */
  readonly message?: string;
  /** Shown by kubectl. */
  readonly warnings?: readonly string[];
  /** JSON Patch operations of a mutating webhook. */
  readonly patch?: readonly JsonObject[];
}

/** One admission webhook. */
export interface AdmissionHandler {
  /** Of the URL, e.g. `/validate-k0scontrolplane`. */
  readonly path: string;
  readonly review: (request: AdmissionRequest) => AdmissionResponse | Promise<AdmissionResponse>;
}

/** What a service answers over its webhook listener, on each replica, leader or not (SR-18). */
export interface WebhookHandlers {
  /**
   * Gives the object in another version of its kind; pure and quick (ER-4: p99 ≤ 5 ms). Served at `/convert`.
   *
   * @throws when the object cannot be said in that version; the message reaches the user.
   */
  readonly convert?: (object: JsonObject, toApiVersion: string) => JsonObject;
  readonly admit?: readonly AdmissionHandler[];
}
