// SPDX-License-Identifier: Apache-2.0
/** The lab as tests see it, and the contract that every storage backend is tested against. */
package io.diskplug.lab;
