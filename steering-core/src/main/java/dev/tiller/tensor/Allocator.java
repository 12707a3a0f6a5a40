// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import com.sun.jna.Function;
import com.sun.jna.Platform;

/**
 * The C library's allocator, which tensors on the CPU live in. By itself glibc raises, up to 32 MB, the size from which it asks
 * the system for memory and gives it back at once; what is smaller comes from heaps that fall to pieces, in which tensors
 * of a checkpointed backward pass leave a quarter of the peak unused.
 */
final class Allocator {
    // mallopt(3)
    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_MMAP_THRESHOLD = -3;
    private static final int BYTES = 4 << 20;

    /** Tells it when it is first touched. */
    private static final class Told {
        static final boolean DONE = tell();

        private static boolean tell() {
            if (!Platform.isLinux()) {
                return false;
            }
            try {
                var mallopt = Function.getFunction(Platform.C_LIBRARY_NAME, "mallopt");
                return mallopt.invokeInt(new Object[] {M_MMAP_THRESHOLD, BYTES}) == 1
                        && mallopt.invokeInt(new Object[] {M_TRIM_THRESHOLD, 2 * BYTES}) == 1;
            } catch (UnsatisfiedLinkError e) {
                // Another C library: nothing to tell.
                return false;
            }
        }
    }

    private Allocator() {}

    /**
     * From now on, for this process, tensors of 4 MB and more are given back as soon as they are closed, for some twentieth
     * of the time. False where the C library cannot be told.
     */
    static boolean thrift() {
        return Told.DONE;
    }
}
