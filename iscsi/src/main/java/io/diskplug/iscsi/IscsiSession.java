// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import io.diskplug.disk.HostPort;
import io.diskplug.spi.StorageProbe.Reason;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A session with a target, for one question. Drives libiscsi's asynchronous calls itself, because
 * the synchronous ones know whole seconds at best, and a portal that is silent would keep their
 * thread and their socket. Used by one thread.
 */
final class IscsiSession implements AutoCloseable {

  /** A target that does not answer a logout is left without. */
  private static final Duration LOGOUT = Duration.ofMillis(250);

  /** A LUN reports a reset, a change of its size and so on once each, before it answers. */
  private static final int MOST_ATTENTIONS = 8;

  private static final int GOOD = Libiscsi.SCSI_STATUS_GOOD;
  private static final NativeLong ONE = new NativeLong(1);

  private final Libiscsi api;
  private final Budget budget;
  private final Pointer context;
  private final Memory pollfd = new Memory(Libc.POLLFD_BYTES);
  private final Libiscsi.Answered callback = this::answered;

  private boolean loggedIn;
  private long call;
  private boolean answered;
  private int status;
  private String failure = "";
  private @Nullable Pointer task;

  private IscsiSession(Libiscsi api, Budget budget, Pointer context) {
    this.api = api;
    this.budget = budget;
    this.context = context;
  }

  /**
   * A session that is not connected yet.
   *
   * @throws RefusedException if there is no memory
   */
  static IscsiSession open(Libiscsi api, String target, String initiator, Budget budget)
      throws RefusedException {
    Pointer context = api.iscsi_create_context(initiator);
    if (context == null) {
      throw new RefusedException(Reason.NOT_KNOWN, "libiscsi has no memory for a session");
    }
    // Whatever LIBISCSI_DEBUG says, from here on: stderr is the application's.
    api.iscsi_set_log_level(context, 0);
    // Reconnecting would be a matter of seconds, and of a second context.
    api.iscsi_set_noautoreconnect(context, 1);
    // A login with the initiator and ISID of another session ends that session. QEMU's have the
    // qualifier 0, and so none of theirs can be met.
    ThreadLocalRandom random = ThreadLocalRandom.current();
    api.iscsi_set_isid_random(context, random.nextInt(1 << 24), random.nextInt(1, 1 << 16));
    api.iscsi_set_session_type(context, Libiscsi.ISCSI_SESSION_NORMAL);
    api.iscsi_set_header_digest(context, Libiscsi.ISCSI_HEADER_DIGEST_NONE_CRC32C);
    api.iscsi_set_targetname(context, target);
    return new IscsiSession(api, budget, context);
  }

  /** The portal in libiscsi's syntax, which wants IPv6 addresses in brackets. */
  static String portal(HostPort portal) {
    String host = portal.host();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + portal.port();
  }

  /** Will authenticate by CHAP. Overwrites the password, and its copy. */
  void authenticate(String user, byte[] password) {
    try (Memory copy = new Memory(password.length + 1L)) {
      try {
        copy.write(0, password, 0, password.length);
        copy.setByte(password.length, (byte) 0);
        api.iscsi_set_initiator_username_pwd(context, user, copy);
      } finally {
        copy.clear();
      }
    } finally {
      Arrays.fill(password, (byte) 0);
    }
  }

  /**
   * Connects and logs in.
   *
   * @param asQemu whether QEMU would have the same initiator
   * @return the portal to go to instead, if the target says so
   */
  @Nullable String login(String portal, boolean asQemu) throws RefusedException {
    begin();
    if (api.iscsi_connect_async(context, portal, callback, cookie()) != 0) {
      throw new RefusedException(Reason.UNREACHABLE, error());
    }
    if (awaitAnswer("to a connection") != GOOD) {
      throw new RefusedException(Reason.UNREACHABLE, failure);
    }
    begin();
    if (api.iscsi_login_async(context, callback, cookie()) != 0) {
      throw new RefusedException(Reason.UNREACHABLE, error());
    }
    switch (awaitAnswer("to a login")) {
      case GOOD -> {
        loggedIn = true;
        return null;
      }
      case Libiscsi.SCSI_STATUS_REDIRECT -> {
        return api.iscsi_get_target_address(context);
      }
      default -> throw new RefusedException(IscsiAnswers.loginFailure(failure, asQemu), failure);
    }
  }

  /** The size of a LUN in bytes, found out in the way that QEMU does it. */
  long size(int lun) throws RefusedException {
    if (ask(() -> api.iscsi_testunitready_task(context, lun, callback, cookie())) != GOOD) {
      throw commandFailure();
    }
    if (ask(() -> api.iscsi_readcapacity16_task(context, lun, callback, cookie())) == GOOD) {
      // struct scsi_readcapacity16 { uint64_t returned_lba; uint32_t block_length; … }
      Pointer answer = answer();
      return IscsiAnswers.bytes(answer.getLong(0), answer.getInt(8));
    }
    if (!IscsiAnswers.isIllegalRequest(status, senseKey())) {
      throw commandFailure();
    }
    // Targets of below 2 TiB need not know the long form.
    if (ask(() -> api.iscsi_readcapacity10_task(context, lun, 0, 0, callback, cookie())) == GOOD) {
      // struct scsi_readcapacity10 { uint32_t lba; uint32_t block_size; }
      Pointer answer = answer();
      return IscsiAnswers.bytes(Integer.toUnsignedLong(answer.getInt(0)), answer.getInt(4));
    }
    throw commandFailure();
  }

  /** Logs out if it is logged in, and frees what it has, its socket first of all. */
  @Override
  public void close() {
    try {
      if (loggedIn) {
        begin();
        if (api.iscsi_logout_async(context, callback, cookie()) == 0) {
          await(budget.atMost(LOGOUT));
        }
      }
    } finally {
      api.iscsi_destroy_context(context);
      freeTask();
      pollfd.close();
      // The context had a native pointer to it, which the garbage collector does not see.
      Reference.reachabilityFence(callback);
    }
  }

  private int ask(Supplier<@Nullable Pointer> command) throws RefusedException {
    int attentions = 0;
    do {
      freeTask();
      begin();
      task = command.get();
      if (task == null) {
        throw new RefusedException(Reason.UNREACHABLE, error());
      }
      awaitAnswer("to a SCSI command");
      attentions++;
    } while (attentions < MOST_ATTENTIONS && IscsiAnswers.isUnitAttention(status, senseKey()));
    return status;
  }

  private void begin() {
    call++;
    answered = false;
  }

  /** Tells answers to an earlier call apart: of a connection, libiscsi also reports its end. */
  private Pointer cookie() {
    return new Pointer(call);
  }

  private void answered(
      Pointer of, int newStatus, @Nullable Pointer data, @Nullable Pointer cookie) {
    if (Pointer.nativeValue(cookie) == call && !answered) {
      answered = true;
      status = newStatus;
      // Now: what libiscsi does after its call back has errors of its own.
      failure = newStatus == GOOD ? "" : error();
    }
  }

  private int awaitAnswer(String what) throws RefusedException {
    if (!await(budget)) {
      throw new RefusedException(
          Reason.UNREACHABLE,
          budget.leftNanos() > 0
              ? "the connection ended without an answer " + what
              : "no answer " + what + " within " + budget);
    }
    return status;
  }

  /** Waits for the answer; false if there will be none, or the budget is used up. */
  private boolean await(Budget time) {
    while (!answered) {
      int millis = time.leftMillis();
      if (millis == 0) {
        return false;
      }
      pollfd.setInt(0, api.iscsi_get_fd(context));
      pollfd.setShort(Libc.POLLFD_EVENTS, (short) api.iscsi_which_events(context));
      pollfd.setShort(Libc.POLLFD_REVENTS, (short) 0);
      int ready = Libc.LIBC.poll(pollfd, ONE, millis);
      if (ready < 0 && Native.getLastError() != Libc.EINTR) {
        return false;
      }
      if (ready > 0 && api.iscsi_service(context, pollfd.getShort(Libc.POLLFD_REVENTS)) < 0) {
        // Connecting, it says so by an answer as well.
        return answered;
      }
    }
    return true;
  }

  private int senseKey() {
    return status == Libiscsi.SCSI_STATUS_CHECK_CONDITION && task != null
        ? task.getInt(Libiscsi.SENSE_KEY)
        : 0;
  }

  private Pointer answer() throws RefusedException {
    Pointer answer = task == null ? null : api.scsi_datain_unmarshall(task);
    if (answer == null) {
      throw new RefusedException(Reason.UNSUPPORTED, "the answer is too short");
    }
    return answer;
  }

  private RefusedException commandFailure() {
    int ascq = senseKey() == 0 || task == null ? 0 : task.getInt(Libiscsi.SENSE_ASCQ);
    return new RefusedException(IscsiAnswers.commandFailure(status, senseKey(), ascq), failure);
  }

  private String error() {
    String error = api.iscsi_get_error(context);
    return error == null || error.isBlank() ? "status " + status : error.strip();
  }

  private void freeTask() {
    if (task != null) {
      api.scsi_free_scsi_task(task);
      task = null;
    }
  }
}
