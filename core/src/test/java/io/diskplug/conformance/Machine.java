// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import io.diskplug.domain.View;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle;
import java.util.Set;
import java.util.UUID;

/**
 * A domain of a {@link TestBed}, with QEMU and the guest in it. Its methods are what an operator
 * and other tools do; they fail the test if they do not succeed.
 */
public interface Machine {

  /** The domain's UUID. */
  UUID uuid();

  /** The domain's name. */
  String name();

  /** The domain through the port, over the test bed's own connection. */
  DomainHandle handle();

  // The domain's life.

  /** Starts it; its guest boots, or is restored from a managed-save image. */
  void start();

  /** Starts it paused: its guest does not boot before it is resumed. */
  void startPaused();

  /** Pulls its plug. A transient domain is gone then. */
  void destroy();

  /** Pauses its guest: it answers nothing. */
  void suspend();

  /** Lets its guest go on. */
  void resume();

  /** Resets it; its guest boots again, and is the same run of the domain. */
  void reset();

  /** Saves its memory and shuts it off ({@code virDomainManagedSave}). */
  void managedSave();

  /** Removes the managed-save image ({@code virDomainManagedSaveRemove}). */
  void removeManagedSave();

  /** Saves its memory to a file and shuts it off ({@code virDomainSave}). */
  void saveToFile();

  /** Restores it from the file ({@code virDomainRestore}), which stays. */
  void restoreFromFile();

  /** Makes a snapshot with memory. The domain has no disks. */
  void snapshotMemory();

  /** Migrates it live to another host, which has no definition of it. */
  void migrateAway();

  /**
   * The daemon ends, its status file of this domain is lost, and it is started again. QEMU goes on.
   */
  void daemonForgets();

  /** Whether a QEMU process has the file open that the daemon does not know, here or elsewhere. */
  boolean isOpenElsewhere(String file);

  /** QEMU processes of the domain that the daemon does not know end. */
  void endElsewhere();

  /** Removes its persistent view, and its managed-save image. It is transient if it runs. */
  void undefine();

  /** QEMU dies (SIGKILL); libvirt has noticed when this returns. */
  void killQemu();

  /** QEMU answers nothing (SIGSTOP), neither does the guest. */
  void freezeQemu();

  /** QEMU goes on (SIGCONT). */
  void thawQemu();

  // The guest.

  /** Waits until the guest has booted: from then on it releases what it is asked to release. */
  void awaitGuest();

  /** The serials of the disks that the guest sees; the first 20 or 36 bytes. */
  Set<String> guestSerials();

  // Other actors.

  /** Begins a block copy to an image of the same size, and returns when it is in sync. */
  void blockCopy(String targetDev, String destination);

  /** Ends the block copy: the disk lies on the destination. */
  void pivot(String targetDev);

  /** Ends the block copy: the disk lies where it lay. */
  void abortBlockCopy(String targetDev);

  /**
   * Begins a backup of a disk (pull mode): a block job that no view shows. False if this generation
   * has none, and the request was refused as it refuses them.
   */
  boolean beginBackup(String targetDev);

  /** Ends the backup. */
  void endBackup(String targetDev);

  /**
   * Begins a dump of the guest's memory, which lets changes wait, and pauses the guest. It ends
   * with {@link #endDump}.
   */
  void beginDump();

  /** Ends the dump. The guest runs as before. */
  void endDump();

  /**
   * Makes an external snapshot of one disk, without metadata.
   *
   * @param overlay a path of no file: the new qcow2 image that the disk lies on afterwards
   */
  void snapshot(String targetDev, String overlay);

  /** Sets, or with an empty element removes, metadata ({@code virDomainSetMetadata}). */
  void setMetadata(String namespace, String element, Set<View> scope);

  /** Makes every attempt to save the configuration fail, after whatever else a call does. */
  void blockSaving();

  /** Ends {@link #blockSaving}. */
  void allowSaving();

  /** An NBD server in QEMU exports a block node, and holds it from then on. */
  void export(String nodeName);

  /** Ends the export of the block node, and the server with it. */
  void unexport(String nodeName);

  // A daemon that dies in the middle of a call. It runs again when these return.

  /** What a daemon that is killed in the middle of an attach can leave. */
  enum Leftover {
    /** QEMU has the image open, and no device on it: a node ghost. */
    NODES,
    /** QEMU has the device and the guest sees it, no view shows it: a device ghost. */
    DEVICE
  }

  /** How a daemon ends. */
  enum End {
    /** SIGTERM: it finishes the call that it works on, and tells nobody. */
    TERM,
    /** SIGKILL. */
    KILL
  }

  /**
   * Attaches a device, and the daemon is killed at the moment when that leaves this.
   *
   * @return what the caller was told
   */
  FaultException killDaemonInAttach(String deviceXml, Set<View> scope, Leftover leftover);

  /**
   * Attaches a device, and the daemon is ended by SIGTERM after QEMU has opened the image and
   * before the call has returned.
   *
   * @return what the caller was told
   */
  FaultException terminateDaemonInAttach(String deviceXml, Set<View> scope);

  /**
   * Detaches a device, and the daemon is ended while it waits for a guest that does not answer.
   *
   * @return what the caller was told
   */
  FaultException endDaemonInDetach(String deviceXml, Set<View> scope, End how);

  /**
   * Asks the guest for a disk, which it releases while the daemon is dead.
   *
   * @param serial what the guest knows it by
   */
  void releaseWhileDaemonIsDead(String alias, String serial, Set<View> scope) throws FaultException;
}
