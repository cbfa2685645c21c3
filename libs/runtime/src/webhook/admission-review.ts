import { messageOf } from '@k0smotron/core';
import { BadReviewError } from './conversion-review.ts';
import type { AdmissionHandler, AdmissionRequest, AdmissionResponse, JsonObject } from './handlers.ts';

const reviewVersion = 'admission.k8s.io/v1';

/**
 * Answers an AdmissionReview. A handler that throws refuses the request with code 500 and says so: the object's owner must
 * not read it as a verdict on the object.
 *
 * @throws BadReviewError when the body is no AdmissionReview of `admission.k8s.io/v1`.
 */
export async function answerAdmission(body: unknown, { path, review }: AdmissionHandler): Promise<JsonObject> {
  const { apiVersion, kind, request } = (body ?? {}) as JsonObject;
  const { uid } = (request ?? {}) as JsonObject;
  if (kind !== 'AdmissionReview' || apiVersion !== reviewVersion || typeof uid !== 'string') {
    throw new BadReviewError(`the body is no AdmissionReview of ${reviewVersion} with a request`);
  }
  return { apiVersion, kind, response: { uid, ...(await answer(request as AdmissionRequest, path, review)) } };
}

async function answer(
  request: AdmissionRequest,
  path: string,
  review: AdmissionHandler['review'],
): Promise<JsonObject> {
  try {
    return toResponse(await review(request));
  } catch (error) {
    return { allowed: false, status: { code: 500, message: `webhook ${path} failed: ${messageOf(error)}` } };
  }
}

function toResponse({ allowed, message, warnings, patch }: AdmissionResponse): JsonObject {
  return {
    allowed,
    ...(allowed ? {} : { status: { code: 422, reason: 'Invalid', message: message ?? 'refused' } }),
    ...(warnings && warnings.length > 0 ? { warnings } : {}),
    ...(allowed && patch && patch.length > 0
      ? { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }
      : {}),
  };
}
