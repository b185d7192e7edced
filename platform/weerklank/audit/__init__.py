"""The trail: chains of events sealed per tenant, so that nothing can be changed, removed or cut off unseen."""
