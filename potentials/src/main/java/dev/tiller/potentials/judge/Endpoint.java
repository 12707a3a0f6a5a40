// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import dev.tiller.run.TillerException;

/** Where a judge is asked; used by several threads at once. */
interface Endpoint {
    /** What tells this judge from others: address and model, and never a key. */
    String identity();

    /**
     * Asks once.
     *
     * @param call names this call, and it alone: a judge that knows idempotency keys has it paid once, even if it is made
     *     again because its answer was lost
     * @throws Unavailable if asking again later may help
     * @throws TillerException if it will not: the key is wrong, the model unknown
     */
    Reply ask(Question question, String call);

    /** The judge did not answer this time: too many requests, an error of the server, a cut line, no answer in time. */
    final class Unavailable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
