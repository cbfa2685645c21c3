import { messageOf } from '@k0smotron/core';
import type { JsonObject, WebhookHandlers } from './handlers.ts';

/** Review versions that API servers ask for; each is answered in its own. */
const reviewVersions = ['apiextensions.k8s.io/v1', 'apiextensions.k8s.io/v1beta1'];

/** The request is no review that can be answered at all: HTTP 400. */
export class BadReviewError extends Error {
  override readonly name = 'BadReviewError';
}

interface ConversionRequest {
  readonly uid: string;
  readonly desiredAPIVersion: string;
  readonly objects: readonly JsonObject[];
}

/**
 * Answers a ConversionReview. All objects are converted or none: one that fails makes the whole result `Failed`, with a
 * message that names it.
 *
 * @throws BadReviewError when the body is no ConversionReview.
 */
export function answerConversion(body: unknown, convert: NonNullable<WebhookHandlers['convert']>): JsonObject {
  const { apiVersion, request } = readReview(body);
  const { uid, desiredAPIVersion, objects } = request;
  const response = { uid, ...convertAll(objects, desiredAPIVersion, convert) };
  return { apiVersion, kind: 'ConversionReview', response };
}

function readReview(body: unknown): { readonly apiVersion: string; readonly request: ConversionRequest } {
  const { apiVersion, kind, request } = (body ?? {}) as JsonObject;
  if (kind !== 'ConversionReview') throw new BadReviewError('the body is no ConversionReview');
  if (typeof apiVersion !== 'string' || !reviewVersions.includes(apiVersion)) {
    throw new BadReviewError(`ConversionReview must have one of the versions ${reviewVersions.join(', ')}`);
  }
  const { uid, desiredAPIVersion, objects } = (request ?? {}) as Partial<ConversionRequest>;
  if (typeof uid !== 'string' || typeof desiredAPIVersion !== 'string' || !Array.isArray(objects)) {
    throw new BadReviewError('the ConversionReview lacks request.uid, request.desiredAPIVersion or request.objects');
  }
  return { apiVersion, request: { uid, desiredAPIVersion, objects: objects as readonly JsonObject[] } };
}

function convertAll(
  objects: readonly JsonObject[],
  toApiVersion: string,
  convert: NonNullable<WebhookHandlers['convert']>,
): JsonObject {
  const convertedObjects: JsonObject[] = [];
  for (const object of objects) {
    try {
      convertedObjects.push(convert(object, toApiVersion));
    } catch (error) {
      const message = `${nameOf(object)} cannot be converted to ${toApiVersion}: ${messageOf(error)}`;
      return { convertedObjects: [], result: { status: 'Failure', message } };
    }
  }
  return { convertedObjects, result: { status: 'Success' } };
}

function nameOf(object: unknown): string {
  const { kind, metadata } = (object ?? {}) as { readonly kind?: unknown; readonly metadata?: JsonObject };
  const namespace = textOr(metadata?.['namespace'], '');
  return `${textOr(kind, 'object')} ${namespace && `${namespace}/`}${textOr(metadata?.['name'], '(no name)')}`;
}

const textOr = (value: unknown, fallback: string): string => (typeof value === 'string' ? value : fallback);
