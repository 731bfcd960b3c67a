// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.NewController;
import io.diskplug.domain.Controller;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import org.jspecify.annotations.Nullable;

/** A domain as it would be with a controller that is to be plugged. */
public final class PluggedController {

  private PluggedController() {}

  /**
   * The domain with the controller.
   *
   * @param domain the domain
   * @param controller the controller
   */
  public static DomainViews in(DomainViews domain, NewController controller) {
    return new DomainViews(in(domain.live(), controller), in(domain.persistent(), controller));
  }

  private static @Nullable DomainView in(@Nullable DomainView view, NewController controller) {
    return view == null || !controller.views().contains(view.view())
        ? view
        : view.withConfigured(controller.added())
            .with(
                new Controller(
                    "scsi",
                    controller.index(),
                    controller.model(),
                    controller.alias(),
                    controller.address(),
                    true));
  }
}
