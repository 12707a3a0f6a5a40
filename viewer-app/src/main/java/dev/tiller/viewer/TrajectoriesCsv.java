// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

/** The ways of particles as a table: a row for each particle and step; steps and particles count from 1. */
final class TrajectoriesCsv {
    private TrajectoriesCsv() {}

    static String of(Trajectories ways) {
        var csv = new StringBuilder("step,particle,parent,x,y,reward\r\n");
        for (var stop : ways.stops()) {
            for (int slot = 0; slot < stop.x().length; slot++) {
                csv.append(stop.step() + 1)
                        .append(',')
                        .append(slot + 1)
                        .append(',')
                        .append(stop.parents()[slot] + 1)
                        .append(',')
                        .append(number(stop.x()[slot]))
                        .append(',')
                        .append(number(stop.y()[slot]))
                        .append(',')
                        .append(number(stop.rewards()[slot]))
                        .append("\r\n");
            }
        }
        return csv.toString();
    }

    private static String number(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "";
    }
}
