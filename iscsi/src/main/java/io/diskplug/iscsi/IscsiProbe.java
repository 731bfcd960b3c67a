// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Asks iSCSI targets about LUNs through libiscsi ({@code libiscsi.so.7}), the initiator that QEMU
 * uses: it connects to the portal, logs in as the disk says, and asks the LUN whether it is ready
 * (TEST UNIT READY) and for its size (READ CAPACITY).
 *
 * <p>What it claims, it claims for the host that this process runs on: of QEMU as far as QEMU runs
 * there, with the same routes, names and firewall. It logs in with {@link IscsiDisk#initiator()},
 * or else with {@value #INITIATOR}, since the one that QEMU makes up has the name of a domain: a
 * target that admits initiators by name may tell the two apart, and a disk of such a target should
 * say its initiator. If one that is not in the disk is denied, the finding is {@link
 * Reason#CANNOT_ASK}; some targets say instead that there is no such target.
 *
 * <p>A target does not say who else is logged in: there is no telling whether a LUN is in use, and
 * the probe does not answer for volumes after a detach.
 *
 * <p>Each question is a session of its own, which is logged out before the answer is given; nothing
 * is kept open. The session is another one than QEMU's, and ends none of QEMU's, even with the same
 * initiator.
 *
 * <p>Safe for use by several threads. A portal that is an address is asked by the calling thread,
 * and the budget holds whatever the portal does. A portal that is a name, or that a target sends on
 * to, is asked by one of eight daemon threads, because the resolver cannot be told how long it may
 * take: when the budget is used up the caller goes on, and the thread is free again when the
 * resolver gives up.
 *
 * <p>No finding and no exception shows a password. libiscsi prints nothing, but for a line about
 * its memory if the environment has a LIBISCSI_DEBUG of 5 or more.
 */
public final class IscsiProbe implements StorageProbe {

  /** Who asks, for a disk that does not say who attaches it. */
  public static final String INITIATOR = "iqn.2026-01.io.diskplug:probe";

  private static final int NAME_THREADS = 8;
  private static final long IDLE_SECONDS = 30;

  /** A target that moved may have moved again; QEMU would follow for ever. */
  private static final int MOST_REDIRECTIONS = 4;

  private final @Nullable Libiscsi api;
  private final String missing;
  private final ChapPasswords passwords;
  private final ThreadPoolExecutor names;

  private IscsiProbe(@Nullable Libiscsi api, String missing, ChapPasswords passwords) {
    this.api = api;
    this.missing = missing;
    this.passwords = passwords;
    AtomicInteger number = new AtomicInteger();
    this.names =
        new ThreadPoolExecutor(
            NAME_THREADS,
            NAME_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "diskplug-iscsi-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    this.names.allowCoreThreadTimeOut(true);
    // Loads the C library here: the first question must not spend its budget on that.
    Libc.isAddress("");
  }

  /**
   * A probe. Does not fail where libiscsi is missing: it then finds {@link Reason#CANNOT_ASK}.
   *
   * @param passwords for disks with CHAP; {@link ChapPasswords#NONE} if there are none
   */
  public static IscsiProbe create(ChapPasswords passwords) {
    return load(Libiscsi.FILE, passwords);
  }

  /** With a library of another name. */
  static IscsiProbe load(String library, ChapPasswords passwords) {
    try {
      return new IscsiProbe(Libiscsi.load(library), "", passwords);
    } catch (UnsatisfiedLinkError e) {
      return new IscsiProbe(null, library + " cannot be loaded: " + e.getMessage(), passwords);
    }
  }

  /** With a library that is given. */
  static IscsiProbe with(Libiscsi api, ChapPasswords passwords) {
    return new IscsiProbe(api, "", passwords);
  }

  @Override
  public boolean answersFor(DiskSource disk) {
    return disk instanceof IscsiDisk;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The size is that of READ CAPACITY. A LUN that another initiator has reserved is in use; that
   * an initiator merely has it open, a target does not tell.
   *
   * @throws IllegalArgumentException if {@link #answersFor} says no
   */
  @Override
  public Finding beforeAttach(DiskSource disk, Duration budget) {
    if (!(disk instanceof IscsiDisk iscsi)) {
      throw new IllegalArgumentException(disk + " is no iSCSI disk");
    }
    Budget time = new Budget(budget);
    try {
      return new Ready(OptionalLong.of(size(iscsi, time)));
    } catch (RefusedException e) {
      return new Refused(
          e.reason(),
          iscsi.lun().path()
              + " at "
              + IscsiSession.portal(iscsi.portal())
              + " as "
              + initiator(iscsi)
              + iscsi.auth().map(auth -> ", user " + auth.user()).orElse(", without CHAP")
              + ": "
              + e.getMessage());
    }
  }

  /**
   * {@link Ready} without asking: a target does not tell who else has logged in to it or has opened
   * a LUN.
   *
   * @throws IllegalArgumentException if {@link #answersFor} says no
   */
  @Override
  public Finding afterAttach(DiskSource disk, Duration budget) {
    if (!answersFor(disk)) {
      throw new IllegalArgumentException(disk + " is no iSCSI disk");
    }
    return new Ready(OptionalLong.empty());
  }

  /** Nothing is open between two questions. Questions under way are answered. */
  @Override
  public void close() {
    names.shutdown();
  }

  @Override
  public String toString() {
    return "IscsiProbe[" + (api == null ? missing : Libiscsi.FILE) + "]";
  }

  private long size(IscsiDisk disk, Budget budget) throws RefusedException {
    Libiscsi library = api;
    if (library == null) {
      throw new RefusedException(Reason.CANNOT_ASK, missing);
    }
    if (names.isShutdown()) {
      throw closed();
    }
    String portal = IscsiSession.portal(disk.portal());
    Answer answer =
        Libc.isAddress(disk.portal().host())
            ? ask(library, disk, portal, budget)
            : askElsewhere(library, disk, portal, budget);
    for (int redirections = 0; answer.elsewhere() != null; redirections++) {
      if (redirections == MOST_REDIRECTIONS) {
        throw new RefusedException(
            Reason.UNREACHABLE, "sent on to " + answer.elsewhere() + " and never served");
      }
      // A target may well send on to a name.
      answer = askElsewhere(library, disk, answer.elsewhere(), budget);
    }
    return answer.sizeBytes();
  }

  private Answer askElsewhere(Libiscsi library, IscsiDisk disk, String portal, Budget budget)
      throws RefusedException {
    Future<Answer> answer;
    try {
      answer = names.submit(() -> ask(library, disk, portal, budget));
    } catch (RejectedExecutionException e) {
      throw closed();
    }
    try {
      return answer.get(budget.leftNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(false);
      throw new RefusedException(
          Reason.UNREACHABLE, "neither name nor portal answered within " + budget);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException(Reason.NOT_KNOWN, "interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        throw refused;
      }
      if (e.getCause() instanceof RuntimeException unexpected) {
        throw unexpected;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private Answer ask(Libiscsi library, IscsiDisk disk, String portal, Budget budget)
      throws RefusedException {
    if (budget.leftNanos() <= 0) {
      throw new RefusedException(Reason.UNREACHABLE, "not asked within " + budget);
    }
    try (IscsiSession session =
        IscsiSession.open(library, disk.lun().target(), initiator(disk), budget)) {
      if (disk.auth().isPresent()) {
        ChapAuth auth = disk.auth().get();
        session.authenticate(auth.user(), password(disk.lun().target(), auth));
      }
      String elsewhere = session.login(portal, disk.initiator().isPresent());
      return elsewhere == null
          ? new Answer(session.size(disk.lun().lun()), null)
          : new Answer(0, elsewhere);
    }
  }

  /** What a portal says: the size, or another portal. */
  private record Answer(long sizeBytes, @Nullable String elsewhere) {}

  private byte[] password(String target, ChapAuth auth) throws RefusedException {
    Optional<byte[]> password;
    try {
      password = passwords.password(target, auth);
    } catch (RuntimeException e) {
      // Its text is not repeated: it can have a secret in it. The supplier may be able to tell the
      // password soon.
      throw new RefusedException(
          Reason.NOT_KNOWN,
          "the password of " + auth.user() + " cannot be had: " + e.getClass().getName());
    }
    if (password.isEmpty()) {
      throw new RefusedException(Reason.CANNOT_ASK, "the probe has no password for this user");
    }
    return password.get();
  }

  private static String initiator(IscsiDisk disk) {
    return disk.initiator().orElse(INITIATOR);
  }

  private static RefusedException closed() {
    return new RefusedException(Reason.CANNOT_ASK, "the probe is closed");
  }
}
