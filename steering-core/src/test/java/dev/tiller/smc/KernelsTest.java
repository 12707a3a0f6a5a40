// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import org.junit.jupiter.api.Nested;

/** Enrols the toy kernels. */
class KernelsTest {
    abstract static class Toy extends KernelLaws<ToyBatch> {
        @Override
        protected double[] row(ToyBatch x, int row) {
            return new double[] {x.get(row)};
        }

        @Override
        protected int alive() {
            return ToyBatch.alive();
        }
    }

    @Nested
    class Mixture extends Toy {
        @Override
        protected Kernel<ToyBatch> kernel() {
            return ExactToy.all().get(2).kernel();
        }
    }

    /** Not among the toys with few states: two particles that start in one state would be equal. */
    @Nested
    class Frozen extends Toy {
        @Override
        protected Kernel<ToyBatch> kernel() {
            return new FrozenKernel(4);
        }
    }
}
